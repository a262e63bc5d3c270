import { useQuery } from "@tanstack/react-query";

import { agentsQuery } from "../api/queries";

/** The title of an agent, as the API has it. */
export function useAgentTitle(name: string | undefined): string {
  const agents = useQuery(agentsQuery);
  return agents.data?.items.find((agent) => agent.name === name)?.title ?? "Dream Suite";
}
