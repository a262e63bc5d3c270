import { Anchor, Group, Select, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import type { Schema } from "../api/client";
import { formatFigure, formatMoment, formatPeriod } from "../format";
import { PlatformIcon, platformName } from "../panels/platform-icons";
import { useUser } from "../session/session";
import classes from "./analytics.module.css";
import { contentQuery, wordsOf, type Asked, type RankedBy } from "./asked";
import { ChartCard } from "./chart-card";

type Post = Schema["ContentOut"]["items"][number];

const RANKS = [
  { value: "engagement", label: "By engagement" },
  { value: "engagement_rate", label: "By engagement rate" },
  { value: "views", label: "By views" },
  { value: "likes", label: "By likes" },
  { value: "comments", label: "By comments" },
  { value: "saves", label: "By saves" },
];

export function TopContent({ asked }: { asked: Asked }) {
  const [rankBy, setRankBy] = useState<RankedBy>("engagement");
  const content = useQuery(contentQuery({ ...asked, rank_by: rankBy }));
  const words = rankBy.replace("_", " ");
  return (
    <ChartCard
      title="Top posts"
      subtitle={`Of ${formatPeriod(asked.start, asked.end)}`}
      question={`Which posts ${wordsOf(asked)} had the ${rankBy === "engagement_rate" ? "best" : "most"} ${words}?`}
      agent="content_strategist"
      query={content}
      empty="No post of these days has numbers."
      controls={
        <Select
          size="xs"
          w={190}
          aria-label="Ranked by"
          allowDeselect={false}
          value={rankBy}
          onChange={(name) => name && setRankBy(name as RankedBy)}
          data={RANKS}
        />
      }
    >
      {({ items, notes, share_of_top }) => ({
        table: {
          columns: [
            { title: "Post", kind: "text" },
            { title: "Platform", kind: "text" },
            { title: "Form", kind: "text" },
            { title: "Day", kind: "day" },
            { title: words, kind: rankBy === "engagement_rate" ? "percent" : "count" },
          ],
          rows: items.map((post) => [
            post.caption || post.post_id,
            platformName(post.platform),
            post.post_type,
            post.posted_at.slice(0, 10),
            post.value.value,
          ]),
        },
        chart: <Posts posts={items} />,
        notes: [
          ...(typeof share_of_top?.value === "number"
            ? [`The best tenth of the posts earned ${formatFigure(share_of_top)} of all engagement.`]
            : []),
          ...notes,
        ],
      })}
    </ChartCard>
  );
}

function Posts({ posts }: { posts: Post[] }) {
  const { timezone } = useUser();
  return (
    <Table verticalSpacing="xs" fz="sm" aria-label="Top posts" layout="fixed">
      <Table.Tbody>
        {posts.map((post) => (
          <Table.Tr key={post.id}>
            <Table.Td>
              <Group gap="sm" wrap="nowrap">
                <PlatformIcon platform={post.platform} size={26} />
                <Stack gap={0} miw={0}>
                  <Text size="sm" className={classes.caption}>
                    {post.caption || `${post.post_type} without words`}
                  </Text>
                  <Text size="xs" c="dimmed">
                    {platformName(post.platform)} · {post.post_type} · {formatMoment(post.posted_at, timezone)}
                    {post.permalink && (
                      <>
                        {" · "}
                        <Anchor
                          href={post.permalink}
                          target="_blank"
                          rel="noopener noreferrer"
                          underline="always"
                          inherit
                          aria-label={`Open the post “${post.caption || post.post_type}” on ${platformName(post.platform)}`}
                        >
                          Open
                        </Anchor>
                      </>
                    )}
                  </Text>
                </Stack>
              </Group>
            </Table.Td>
            <Table.Td w={96} ta="right" fw={650}>
              {formatFigure(post.value)}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
