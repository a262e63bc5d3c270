import {
  ActionIcon,
  Avatar,
  Burger,
  Group,
  Kbd,
  Menu,
  Text,
  Tooltip,
  UnstyledButton,
  useComputedColorScheme,
  useMantineColorScheme,
} from "@mantine/core";
import { KeyRound, Lightbulb, ListChecks, LogOut, Moon, Search, Settings, Sun, WifiOff } from "lucide-react";
import { Link, useLocation } from "wouter";

import { sentenceOf } from "../api/client";
import { useIsLive } from "../api/live-state";
import { Bell } from "../notifications/bell";
import { signOut, useUser } from "../session/session";
import { notifications } from "@mantine/notifications";
import { Logo } from "./logo";
import { isChatAt, NAVIGATION } from "./pages";
import { palette } from "./palette-store";
import classes from "./shell.module.css";

interface HeaderProps {
  isChat: boolean;
  hasSides: boolean;
  onOpenLeft: () => void;
  onOpenRight: () => void;
}

export function Header({ isChat, hasSides, onOpenLeft, onOpenRight }: HeaderProps) {
  return (
    <div className={classes.header}>
      {!hasSides && <Burger size="sm" aria-label="Open the menu" onClick={onOpenLeft} />}
      <Link href="/" className={classes.brand} aria-label="Dream Suite">
        <Logo />
        <Text component="span" inherit visibleFrom="xs">
          Dream Suite
        </Text>
      </Link>
      {hasSides && <Navigation />}
      <Group ml="auto" gap="xs" wrap="nowrap">
        <Connection />
        <SearchButton />
        {isChat && !hasSides && (
          <Tooltip label="Insights and goals">
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              aria-label="Insights and goals"
              onClick={onOpenRight}
            >
              <Lightbulb size={20} />
            </ActionIcon>
          </Tooltip>
        )}
        <Bell />
        <SchemeButton />
        <ProfileMenu />
      </Group>
    </div>
  );
}

export function Navigation() {
  const [path] = useLocation();
  const isHere = (href: string) =>
    href === "/" ? isChatAt(path) : path.startsWith(href);
  return (
    <nav className={classes.nav} aria-label="Pages">
      {NAVIGATION.map(({ href, title, icon: Icon }) => (
        <Link
          key={href}
          href={href}
          className={classes.link}
          aria-current={isHere(href) ? "page" : undefined}
        >
          <Icon size={16} aria-hidden />
          {title}
        </Link>
      ))}
    </nav>
  );
}

function Connection() {
  const isLive = useIsLive();
  if (isLive) return null;
  return (
    <Tooltip label="Live updates are down; numbers are read every 3 seconds">
      <WifiOff size={18} role="img" aria-label="Live updates are down" />
    </Tooltip>
  );
}

function SearchButton() {
  return (
    <>
      <UnstyledButton
        visibleFrom="sm"
        onClick={palette.open}
        px="sm"
        py={5}
        style={{
          border: "1px solid var(--mantine-color-default-border)",
          borderRadius: "var(--mantine-radius-md)",
        }}
      >
        <Group gap="xs" wrap="nowrap">
          <Search size={15} aria-hidden />
          <Text size="sm" c="dimmed">
            Search
          </Text>
          <Kbd size="xs">Ctrl K</Kbd>
        </Group>
      </UnstyledButton>
      <ActionIcon
        hiddenFrom="sm"
        variant="subtle"
        color="gray"
        size="lg"
        aria-label="Search"
        onClick={palette.open}
      >
        <Search size={20} />
      </ActionIcon>
    </>
  );
}

function SchemeButton() {
  const { setColorScheme } = useMantineColorScheme();
  const isDark = useComputedColorScheme("light") === "dark";
  const label = isDark ? "Use light colours" : "Use dark colours";
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={label}
        onClick={() => setColorScheme(isDark ? "light" : "dark")}
      >
        {isDark ? <Sun size={20} /> : <Moon size={20} />}
      </ActionIcon>
    </Tooltip>
  );
}

function ProfileMenu() {
  const user = useUser();
  const [, navigate] = useLocation();
  const leave = () =>
    signOut().catch((error: unknown) =>
      notifications.show({ color: "red", message: sentenceOf(error) }),
    );
  return (
    <Menu position="bottom-end" width={230}>
      <Menu.Target>
        <UnstyledButton aria-label="Your account">
          <Avatar size={34} color="violet" variant="filled" alt="">
            {user.email.slice(0, 1).toUpperCase()}
          </Avatar>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="xs" truncate>
            {user.email}
          </Text>
        </Menu.Label>
        <Menu.Item leftSection={<Settings size={16} />} onClick={() => navigate("/settings")}>
          Profile and preferences
        </Menu.Item>
        <Menu.Item
          leftSection={<KeyRound size={16} />}
          onClick={() => navigate("/settings/api-keys")}
        >
          API keys
        </Menu.Item>
        {user.role === "admin" && (
          <Menu.Item leftSection={<ListChecks size={16} />} onClick={() => navigate("/admin")}>
            Everybody’s jobs
          </Menu.Item>
        )}
        <Menu.Divider />
        <Menu.Item leftSection={<LogOut size={16} />} onClick={() => void leave()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
