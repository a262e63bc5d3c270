// Runs an n8n workflow file as n8n's documentation describes its nodes: expressions and Code nodes
// in JavaScript, HTTP Request nodes with header authentication, and the second output for errors.
//
//   node run_workflow.cjs < {"workflow", "trigger": {"headers", "body"}, "credential": {"name", "value"}}
//
// It prints the answers to its requests, as JSON.

const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;

function evaluate(text, scope) {
  if (!text.startsWith('=')) return text;
  const expression = /^=\{\{([\s\S]*)\}\}$/.exec(text)[1];
  return new Function(...Object.keys(scope), `return (${expression})`)(...Object.values(scope));
}

async function request(node, scope, credential, answers) {
  const { method, url, jsonBody, sendBody, specifyBody, authentication } = node.parameters;
  if (authentication !== 'genericCredentialType' || !sendBody || specifyBody !== 'json')
    throw new Error(`${node.name}: not one of the settings that this runner knows`);
  const response = await fetch(evaluate(url, scope), {
    method,
    headers: { 'Content-Type': 'application/json', [credential.name]: credential.value },
    body: evaluate(jsonBody, scope),
  });
  const json = await response.json();
  answers.push({ node: node.name, status: response.status, body: json });
  if (!response.ok) throw new Error(`${response.status} - ${json.detail}`);
  return [{ json }];
}

async function main() {
  let input = '';
  for await (const chunk of process.stdin) input += chunk;
  const { workflow, trigger, credential } = JSON.parse(input);
  const nodes = Object.fromEntries(workflow.nodes.map((node) => [node.name, node]));
  const [start] = workflow.nodes.filter((node) => node.type === 'n8n-nodes-base.webhook');
  const outputs = { [start.name]: [{ json: trigger }] };
  const answers = [];
  const $ = (name) => {
    if (!outputs[name]) throw new Error(`Node '${name}' hasn't been executed`);
    return { first: () => outputs[name][0], all: () => outputs[name] };
  };
  const waiting = [[start.name, 0]];
  while (waiting.length) {
    const [name, output] = waiting.shift();
    for (const { node: next } of workflow.connections[name]?.main[output] ?? []) {
      const node = nodes[next];
      const scope = { $json: outputs[name][0].json, $, $input: { all: () => outputs[name] } };
      let branch = 0;
      try {
        outputs[next] =
          node.type === 'n8n-nodes-base.code'
            ? await new AsyncFunction(...Object.keys(scope), node.parameters.jsCode)(
                ...Object.values(scope),
              )
            : await request(node, scope, credential, answers);
      } catch (error) {
        if (node.onError !== 'continueErrorOutput') throw error;
        outputs[next] = [{ json: { error: error.message } }];
        branch = 1;
      }
      waiting.push([next, branch]);
    }
  }
  console.log(JSON.stringify(answers));
}

main();
