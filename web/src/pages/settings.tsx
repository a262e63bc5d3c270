import { Container, Tabs, Title } from "@mantine/core";
import { useLocation, useParams } from "wouter";

import { ApiKeys } from "./settings-api-keys";
import { NotificationPreferences } from "./settings-notifications";
import { Preferences } from "./settings-preferences";
import { Profile } from "./settings-profile";

const SECTIONS = {
  profile: Profile,
  preferences: Preferences,
  notifications: NotificationPreferences,
  "api-keys": ApiKeys,
};
const TITLES = {
  profile: "Profile",
  preferences: "Preferences",
  notifications: "Notifications",
  "api-keys": "API keys",
};

type Name = keyof typeof SECTIONS;
const NAMES = Object.keys(SECTIONS) as Name[];

export function SettingsPage() {
  const { section } = useParams<{ section?: string }>();
  const [, navigate] = useLocation();
  const current = NAMES.find((name) => name === section) ?? "profile";
  const Section = SECTIONS[current];
  return (
    <Container size="sm" py="lg">
      <Title order={1} size="h2" mb="md">
        Settings
      </Title>
      <Tabs
        value={current}
        keepMounted={false}
        onChange={(name) => navigate(`/settings/${name ?? ""}`)}
      >
        <Tabs.List mb="lg">
          {NAMES.map((name) => (
            <Tabs.Tab key={name} value={name} px={{ base: 9, xs: "md" }}>
              {TITLES[name]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={current}>
          <Section />
        </Tabs.Panel>
      </Tabs>
    </Container>
  );
}
