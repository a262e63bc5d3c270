import { ActionIcon, Drawer, Indicator, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Bell as BellIcon } from "lucide-react";
import { Suspense, useEffect } from "react";
import { useLocation } from "wouter";

import { lazyNamed } from "../lazy-named";
import { unreadQuery } from "./queries";

const NotificationList = lazyNamed(() => import("./notification-list"), "NotificationList");
const MOST = 99;

/** How many notifications are unread, and the drawer that has them. */
export function Bell() {
  const unread = useQuery(unreadQuery).data?.unread ?? 0;
  const [isOpen, { open, close }] = useDisclosure();
  const [path] = useLocation();
  useEffect(close, [path, close]);
  const label = unread === 0 ? "Notifications" : `Notifications, ${unread} unread`;
  return (
    <>
      <Tooltip label={label}>
        <Indicator
          disabled={unread === 0}
          label={unread > MOST ? `${MOST}+` : unread}
          size={16}
          offset={6}
          color="red.9"
          aria-hidden={false}
        >
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={label} onClick={open}>
            <BellIcon size={20} />
          </ActionIcon>
        </Indicator>
      </Tooltip>
      <Drawer
        opened={isOpen}
        onClose={close}
        position="right"
        size={400}
        title="Notifications"
        closeButtonProps={{ "aria-label": "Close" }}
      >
        <Suspense>
          <NotificationList />
        </Suspense>
      </Drawer>
    </>
  );
}
