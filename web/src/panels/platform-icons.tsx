import { ThemeIcon } from "@mantine/core";
import { Camera, Music, Play, ThumbsUp, type LucideIcon } from "lucide-react";

interface Look {
  name: string;
  color: string;
  icon: LucideIcon;
  /** What followers are called there. */
  followers: string;
}

export const PLATFORMS: Record<string, Look> = {
  instagram: { name: "Instagram", color: "#c1275a", icon: Camera, followers: "followers" },
  facebook: { name: "Facebook", color: "#1c5fc4", icon: ThumbsUp, followers: "followers" },
  youtube: { name: "YouTube", color: "#c4161c", icon: Play, followers: "subscribers" },
  spotify: { name: "Spotify", color: "#14723a", icon: Music, followers: "followers" },
};

export const platformName = (platform: string) => PLATFORMS[platform]?.name ?? platform;

export function PlatformIcon({ platform, size = 28 }: { platform: string; size?: number }) {
  const look = PLATFORMS[platform];
  const Icon = look?.icon ?? Music;
  return (
    <ThemeIcon size={size} radius="md" color={look?.color ?? "gray"} aria-hidden>
      <Icon size={size * 0.55} />
    </ThemeIcon>
  );
}
