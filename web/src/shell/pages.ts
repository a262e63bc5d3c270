import { Cable, CalendarDays, ChartLine, ListChecks, MessageCircle, Settings, type LucideIcon } from "lucide-react";
import type { ComponentType } from "react";

import { lazyNamed } from "../lazy-named";

export interface Page {
  /** Where it is, with wouter's parameters. */
  path: string;
  /** Where its link leads; none where only other pages link to it. */
  href?: string;
  title: string;
  icon: LucideIcon;
  component: ComponentType;
}

export const ChatPage = lazyNamed(() => import("../chat/chat-page"), "ChatPage");

export const isChatAt = (path: string) => path === "/" || path.startsWith("/chat/");

/** Fetch the chat, if it is what this address shows, while the server is asked who is there. */
export async function expectChat(path: string) {
  if (isChatAt(path)) await ChatPage.fetch().catch(() => undefined);
}

/** All pages but the chat, which is at `/` and `/chat/…`. Each comes when it is opened. */
export const PAGES: Page[] = [
  {
    path: "/analytics",
    href: "/analytics",
    title: "Analytics",
    icon: ChartLine,
    component: lazyNamed(() => import("../analytics/analytics-page"), "AnalyticsPage"),
  },
  {
    path: "/plans",
    href: "/plans",
    title: "Plans",
    icon: CalendarDays,
    component: lazyNamed(() => import("../plans/plans-page"), "PlansPage"),
  },
  {
    path: "/plans/new",
    title: "New plan",
    icon: CalendarDays,
    component: lazyNamed(() => import("../plans/new-plan-page"), "NewPlanPage"),
  },
  {
    path: "/plans/:id",
    title: "Plan",
    icon: CalendarDays,
    component: lazyNamed(() => import("../plans/plan-page"), "PlanPage"),
  },
  {
    path: "/jobs/:id",
    title: "Job",
    icon: CalendarDays,
    component: lazyNamed(() => import("../jobs/job-page"), "JobPage"),
  },
  {
    path: "/connections",
    href: "/connections",
    title: "Connections",
    icon: Cable,
    component: lazyNamed(() => import("../connections/connections-page"), "ConnectionsPage"),
  },
  {
    path: "/admin",
    title: "Everybody’s jobs",
    icon: ListChecks,
    component: lazyNamed(() => import("../admin/admin-page"), "AdminPage"),
  },
  {
    path: "/settings/:section?",
    title: "Settings",
    icon: Settings,
    component: lazyNamed(() => import("../pages/settings"), "SettingsPage"),
  },
];

/** What the header links to. */
export const NAVIGATION = [
  { href: "/", title: "Chat", icon: MessageCircle },
  ...PAGES.flatMap(({ href, title, icon }) => (href ? [{ href, title, icon }] : [])),
];
