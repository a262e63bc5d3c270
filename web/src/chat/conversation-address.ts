interface Named {
  id: string;
  client_id: string | null;
}

/** By the id that the chat itself goes by, so that its page is the same after its first answer. */
export const keyOf = ({ id, client_id }: Named) => client_id ?? id;

export const addressOf = (conversation: Named) =>
  `/chat/${encodeURIComponent(keyOf(conversation))}`;
