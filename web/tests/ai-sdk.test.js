// The unmodified AI SDK as a client of /api/chat. Run by tests/e2e/test_ai_sdk.py, which says where
// the server is and whose token to use; the language model behind it is scripted.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AbstractChat,
  DefaultChatTransport,
  generateId,
  lastAssistantMessageIsCompleteWithApprovalResponses,
  validateUIMessages,
} from "ai";

const { API_URL, TOKEN, MODEL_URL } = process.env;
const headers = { Authorization: `Bearer ${TOKEN}` };

/** A chat without a framework: what useChat is, with plain fields for state. */
class Chat extends AbstractChat {
  constructor({ id = generateId(), messages = [], agent = "career" } = {}) {
    super({
      id,
      transport: new DefaultChatTransport({
        api: `${API_URL}/api/chat`,
        headers,
        body: { agent },
      }),
      sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithApprovalResponses,
      onFinish: (finished) => (this.finished = finished),
      state: {
        status: "ready",
        error: undefined,
        messages,
        pushMessage(message) {
          this.messages = [...this.messages, message];
        },
        popMessage() {
          this.messages = this.messages.slice(0, -1);
        },
        replaceMessage(index, message) {
          this.messages = this.messages.with(index, structuredClone(message));
        },
        snapshot: structuredClone,
      },
    });
  }

  /** Roles and texts, in order. */
  get lines() {
    return this.messages.map(({ role, parts }) => [role, textOf(parts)]);
  }
}

const textOf = (parts) => parts.map((part) => (part.type === "text" ? part.text : "")).join("");

const says = (...chunks) => ({ chunks, tokens: 15 });
const calls = (name, input = "{}") => ({ call: { id: generateId(), name, arguments: input } });

/** Let the model say these replies, one per call, to this question. */
const follow = (question, ...replies) =>
  fetch(`${MODEL_URL}/script`, { method: "PUT", body: JSON.stringify({ [question]: replies }) });

const open = (gate) => fetch(`${MODEL_URL}/gates/${gate}`, { method: "POST" });

/** What a client that loads the chat is given, if the SDK takes it. */
async function stored(chat) {
  const response = await fetch(`${API_URL}/api/conversations/${chat.id}`, { headers });
  assert.equal(response.status, 200);
  return validateUIMessages({ messages: (await response.json()).messages });
}

/** Wait until what the chat has received passes. */
async function until(chat, passes) {
  const deadline = Date.now() + 30_000;
  while (!passes(chat.lastMessage?.parts ?? [])) {
    assert.ok(Date.now() < deadline, `waited in vain for ${passes}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const received = (chat, text) => until(chat, (parts) => textOf(parts).includes(text));

/** A message as JSON: what is undefined is not there. */
const plain = (value) => JSON.parse(JSON.stringify(value));

test("a first message keeps its own ids, and its answer is stored as the client has it", async () => {
  await follow("Which accounts?", says("A look.", calls("list_connections")), says("None ", "yet."));
  const chat = new Chat();
  await chat.sendMessage({ text: "Which accounts?" });

  assert.equal(chat.status, "ready");
  assert.deepEqual(chat.lines, [["user", "Which accounts?"], ["assistant", "A look.None yet."]]);
  const [question, answer] = chat.messages;
  assert.deepEqual(
    answer.parts.map(({ type }) => type),
    ["step-start", "text", "dynamic-tool", "step-start", "text", "data-grounding"],
  );
  assert.equal(answer.parts[2].state, "output-available");
  assert.match(answer.parts[2].output.notes[0], /no account is connected/);
  assert.equal(answer.metadata.agent, "career");
  assert.equal(answer.metadata.status, "completed");
  assert.equal(answer.metadata.tokens, 30);
  assert.equal(chat.finished.finishReason, "stop");

  const [storedQuestion, storedAnswer] = await stored(chat);
  assert.equal(storedQuestion.id, question.id);
  assert.equal(storedAnswer.id, answer.id);
  assert.deepEqual(storedQuestion.parts, plain(question.parts));
  assert.deepEqual(storedAnswer.parts, plain(answer.parts));
});

test("a second turn goes on, also in a chat that was loaded anew", async () => {
  await follow("One?", says("One."));
  await follow("Two?", says("Two."));
  await follow("Three?", says("Three."));
  const chat = new Chat();
  await chat.sendMessage({ text: "One?" });
  await chat.sendMessage({ text: "Two?" });
  const loaded = new Chat({ id: chat.id, messages: await stored(chat) });
  await loaded.sendMessage({ text: "Three?" });

  const lines = ["One?", "One.", "Two?", "Two.", "Three?", "Three."];
  assert.deepEqual(loaded.lines.map(([, text]) => text), lines);
  assert.deepEqual((await stored(chat)).map(({ id }) => id), loaded.messages.map(({ id }) => id));
});

test("regenerate replaces the answer", async () => {
  await follow("Say it", says("First."));
  const chat = new Chat();
  await chat.sendMessage({ text: "Say it" });
  const first = chat.lastMessage;
  await follow("Say it", says("Second."));
  await chat.regenerate();
  const second = chat.lastMessage;
  await follow("Say it", says("Third."));
  await chat.regenerate({ messageId: second.id });

  assert.deepEqual(chat.lines, [["user", "Say it"], ["assistant", "Third."]]);
  assert.equal(new Set([first.id, second.id, chat.lastMessage.id]).size, 3);
  assert.deepEqual((await stored(chat)).map(({ id }) => id), chat.messages.map(({ id }) => id));
});

test("an edited message replaces the question and what followed", async () => {
  await follow("Old?", says("Old."));
  await follow("More?", says("More."));
  await follow("New?", says("New."));
  const chat = new Chat();
  await chat.sendMessage({ text: "Old?" });
  await chat.sendMessage({ text: "More?" });
  const messageId = chat.messages[0].id;
  await chat.sendMessage({ text: "New?", messageId });

  assert.deepEqual(chat.lines, [["user", "New?"], ["assistant", "New."]]);
  assert.equal(chat.messages[0].id, messageId);
  assert.deepEqual((await stored(chat)).map(({ id }) => id), chat.messages.map(({ id }) => id));
});

test("a chat that was left in mid-answer is resumed with the whole answer", async () => {
  await follow("Count", says("One, ", { gate: "resume" }, "two."));
  const chat = new Chat();
  const sent = chat.sendMessage({ text: "Count" });
  await received(chat, "One, ");
  await chat.stop();
  await sent;
  assert.ok(chat.finished.isAbort);

  const returned = new Chat({ id: chat.id, messages: await stored(chat) });
  const resumed = returned.resumeStream();
  await received(returned, "One, ");
  await open("resume");
  await resumed;
  assert.equal(returned.status, "ready");
  assert.deepEqual(returned.lines, [["user", "Count"], ["assistant", "One, two."]]);
  assert.deepEqual((await stored(chat)).map(({ id }) => id), returned.messages.map(({ id }) => id));

  await returned.resumeStream();
  assert.equal(returned.status, "ready");
  assert.equal(returned.messages.length, 2, "there is nothing more to resume");
});

test("a stopped answer ends with closed parts and says so", async () => {
  await follow("Count on", says("One, ", { gate: "never" }, "two."));
  const chat = new Chat();
  const sent = chat.sendMessage({ text: "Count on" });
  await received(chat, "One, ");
  await fetch(`${API_URL}/api/chat/${chat.id}/stop`, { method: "POST", headers });
  await sent;

  assert.equal(chat.status, "ready");
  const last = { type: "text", text: "One, ", state: "done" };
  assert.deepEqual(plain(chat.lastMessage.parts.find(({ type }) => type === "text")), last);
  assert.equal(chat.lastMessage.metadata.status, "stopped");
  assert.equal(chat.finished.finishReason, "other");
  assert.deepEqual((await stored(chat))[1].parts, plain(chat.lastMessage.parts));
});

test("tool calls that failed or were cut off can be loaded, and the chat goes on", async () => {
  const cutOff = [calls("get_metrics", '{"start": "2026'), { gate: "never" }];
  await follow("Try", says(calls("get_metrics", '{"start": "soon"}')), says(...cutOff));
  const chat = new Chat();
  const sent = chat.sendMessage({ text: "Try" });
  await until(chat, (parts) => parts.filter(({ type }) => type === "dynamic-tool").length === 2);
  await fetch(`${API_URL}/api/chat/${chat.id}/stop`, { method: "POST", headers });
  await sent;

  const states = ({ parts }) => parts.map(({ type, state }) => [type, state]);
  const messages = await stored(chat);
  assert.deepEqual(states(messages[1]), states(chat.lastMessage));
  assert.equal(chat.lastMessage.parts.at(-1).state, "output-error");

  await follow("And now?", says("Fine."));
  const loaded = new Chat({ id: chat.id, messages });
  await loaded.sendMessage({ text: "And now?" });
  assert.equal(textOf(loaded.lastMessage.parts), "Fine.");
});

test("what is refused before the stream is an error with its code", async () => {
  await follow("Wait", says("One, ", { gate: "busy" }, "two."));
  const chat = new Chat();
  const sent = chat.sendMessage({ text: "Wait" });
  await received(chat, "One, ");
  const second = new Chat({ id: chat.id });
  await second.sendMessage({ text: "And me?" });
  await open("busy");
  await sent;

  assert.equal(second.status, "error");
  assert.equal(second.error.statusCode, 409);
  assert.equal(JSON.parse(second.error.responseBody).code, "conversation_busy");
  assert.deepEqual(chat.lines, [["user", "Wait"], ["assistant", "One, two."]]);
});

test("a failed answer is an error that regenerate heals", async () => {
  await follow("Fail?", { status: 500 });
  const chat = new Chat();
  await chat.sendMessage({ text: "Fail?" });
  assert.equal(chat.status, "error");
  assert.match(chat.error.message, /^The language model did not answer/);

  await follow("Fail?", says("No."));
  await chat.regenerate({ messageId: chat.messages[0].id });
  assert.equal(chat.status, "ready");
  assert.deepEqual(chat.lines, [["user", "Fail?"], ["assistant", "No."]]);
});

/** Give the creator a follower count that goals can start from. */
async function importFollowers() {
  const today = new Date().toISOString().slice(0, 10);
  const body = `platform,account,date,metric,value\ninstagram,luna,${today},followers,1000\n`;
  const csv = { ...headers, "Content-Type": "text/csv" };
  const response = await fetch(`${API_URL}/api/metrics/import`, { method: "POST", headers: csv, body });
  assert.equal(response.status, 200);
}

const toolOf = (message) => message.parts.findLast(({ type }) => type === "dynamic-tool");

for (const approved of [true, false]) {
  test(`an answer goes on in its own message when a goal is ${approved ? "approved" : "declined"}`, async () => {
    await importFollowers();
    const goal = JSON.stringify({ metric: "followers", target_value: 5000, platform: "instagram" });
    await follow("A goal?", says("Let me set it.", calls("create_goal", goal)), says("Well then."));
    const chat = new Chat({ agent: "goal_tracker" });
    await chat.sendMessage({ text: "A goal?" });

    const { state, approval } = toolOf(chat.lastMessage);
    assert.equal(state, "approval-requested");
    assert.match(approval.descriptor.title, /Set the goal/);
    assert.equal(chat.finished.finishReason, "tool-calls");
    assert.deepEqual((await stored(chat)).at(-1).parts, plain(chat.lastMessage.parts));

    const { id } = chat.lastMessage;
    await chat.addToolApprovalResponse({ id: approval.id, approved, reason: "Because." });
    await received(chat, "Well then.");
    await until(chat, () => chat.status === "ready");
    assert.equal(chat.messages.length, 2);
    assert.equal(chat.lastMessage.id, id);
    assert.equal(toolOf(chat.lastMessage).state, approved ? "output-available" : "output-denied");
    assert.equal(textOf(chat.lastMessage.parts), "Let me set it.Well then.");
    assert.deepEqual((await stored(chat)).at(-1).parts, plain(chat.lastMessage.parts));
  });
}

test("a plan in the making is one part that says how far it is", async () => {
  await importFollowers();
  const input = {
    kind: "content_calendar", goal: "more followers", platforms: ["instagram"],
    posts_per_week: 4, start: "2099-12-01", end: "2099-12-31",
  };
  const plan = says(calls("create_plan_job", JSON.stringify(input)));
  await follow("A plan?", plan, says(calls("get_job_status")), says("It is being made."));
  const chat = new Chat({ agent: "planner" });
  await chat.sendMessage({ text: "A plan?" });
  await chat.addToolApprovalResponse({ id: toolOf(chat.lastMessage).approval.id, approved: true });
  await received(chat, "It is being made.");
  await until(chat, () => chat.status === "ready");

  const jobs = chat.lastMessage.parts.filter(({ type }) => type === "data-job");
  assert.equal(jobs.length, 1);
  assert.equal(jobs[0].data.status, "queued");
  assert.deepEqual((await stored(chat)).at(-1).parts, plain(chat.lastMessage.parts));
});
