import { Alert, Button, Checkbox, Code, FileInput, Group, List, Paper, Stack, Table, Text, TextInput, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { FileUp } from "lucide-react";
import { useState, type FormEvent } from "react";

import { ApiProblem, client, sentenceOf, take, type Schema } from "../api/client";
import { queryClient } from "../api/queries";
import { formatCount } from "../format";

type Imported = Schema["ImportOut"];

export const FILE_FIELD = "file-to-import";
const EXAMPLE = `platform,account,date,metric,value
instagram,mira.makes,2026-03-01,followers,10000
instagram,mira.makes,2026-03-01,reach,4210`;
const AFTERWARDS = ["connections", "analytics", "goals", "suggestions", "insights", "limits"];

/** Bring numbers or posts from a file; each row that is refused is named by its line. */
export function ImportForm() {
  const [file, setFile] = useState<File | null>(null);
  const [account, setAccount] = useState("");
  const [partial, setPartial] = useState(false);
  const importing = useMutation({
    mutationFn: async (chosen: File) => {
      const form = new FormData();
      form.append("file", chosen);
      return take(
        client.POST("/api/metrics/import", {
          params: { query: { partial, account: account.trim() || undefined } },
          body: form as never,
          bodySerializer: () => form,
        }),
      );
    },
    onSuccess: () =>
      Promise.all(AFTERWARDS.map((key) => queryClient.invalidateQueries({ queryKey: [key] }))),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (file) importing.mutate(file);
  };
  return (
    <Paper
      component="form"
      withBorder
      p="md"
      onSubmit={submit}
      aria-label="Import a file"
      bg="var(--suite-raised)"
    >
      <Stack>
        <div>
          <Title order={2} size="h5">
            Import a file
          </Title>
          <Text size="sm" c="dimmed">
            Daily numbers or posts as CSV, an export of YouTube Studio (CSV or ZIP), or Spotify for
            Artists’ audience timeline. The same file again changes nothing.
          </Text>
        </div>
        <details>
          <Text component="summary" size="sm">
            How a CSV of your own looks
          </Text>
          <Code block mt="xs" tabIndex={0} aria-label="An example">
            {EXAMPLE}
          </Code>
          <Text size="xs" c="dimmed" mt={4}>
            A row for each day and metric. Leave the value empty where it is unknown: that is not 0.
          </Text>
        </details>
        <FileInput
          id={FILE_FIELD}
          label="File"
          placeholder="Choose a file"
          accept=".csv,.zip,text/csv,application/zip"
          required
          clearable
          clearButtonProps={{ "aria-label": "Take another file" }}
          value={file}
          onChange={(chosen) => {
            setFile(chosen);
            importing.reset();
          }}
          leftSection={<FileUp size={16} aria-hidden />}
        />
        <TextInput
          label="Account"
          description="Only for exports that do not say whose they are."
          maxLength={200}
          value={account}
          onChange={(event) => setAccount(event.currentTarget.value)}
        />
        <Checkbox
          label="Take the good rows even if others are bad"
          checked={partial}
          onChange={(event) => setPartial(event.currentTarget.checked)}
        />
        {importing.data && <Result imported={importing.data} />}
        {importing.error && <Refused error={importing.error} />}
        <Group justify="flex-end">
          <Button type="submit" disabled={!file} loading={importing.isPending}>
            Import
          </Button>
        </Group>
      </Stack>
    </Paper>
  );
}

function Result({ imported }: { imported: Imported }) {
  const { rows, days_inserted, days_updated, posts_inserted, posts_updated, notes, errors, error_count } =
    imported;
  const parts = [
    [days_inserted, "new days"],
    [days_updated, "changed days"],
    [posts_inserted, "new posts"],
    [posts_updated, "changed posts"],
  ].filter(([count]) => count);
  return (
    <Alert color={error_count ? "orange" : "teal"} title={`${formatCount(rows)} rows were read`} role="status">
      <Stack gap="xs">
        <Text size="sm">
          {parts.length
            ? parts.map(([count, name]) => `${formatCount(Number(count))} ${name}`).join(", ")
            : "Everything was known already"}
          .
        </Text>
        {notes.length > 0 && (
          <List size="sm">
            {notes.map((note) => (
              <List.Item key={note}>{note}</List.Item>
            ))}
          </List>
        )}
        {error_count > 0 && <BadRows rows={errors} count={error_count} />}
      </Stack>
    </Alert>
  );
}

function Refused({ error }: { error: Error }) {
  const rows = error instanceof ApiProblem ? error.rows : [];
  return (
    <Alert color="red" title="Nothing was imported" role="alert">
      <Stack gap="xs">
        <Text size="sm">{sentenceOf(error)}</Text>
        {rows.length > 0 && <BadRows rows={rows} count={rows.length} />}
      </Stack>
    </Alert>
  );
}

type BadRow = Imported["errors"][number];

function BadRows({ rows, count }: { rows: BadRow[]; count: number }) {
  return (
    <Table.ScrollContainer
      minWidth={280}
      maxHeight={260}
      scrollAreaProps={{ viewportProps: { tabIndex: 0, role: "region", "aria-label": "Refused rows" } }}
    >
      <Table fz="sm" verticalSpacing={4} aria-label="Refused rows">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Line</Table.Th>
            <Table.Th>Column</Table.Th>
            <Table.Th>Why</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ line, column, reason }) => (
            <Table.Tr key={`${line} ${reason}`}>
              <Table.Td>{line}</Table.Td>
              <Table.Td>{column ?? "–"}</Table.Td>
              <Table.Td>{reason}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {count > rows.length && (
        <Text size="xs">And {formatCount(count - rows.length)} more.</Text>
      )}
    </Table.ScrollContainer>
  );
}
