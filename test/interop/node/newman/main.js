import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import newman from 'newman';
import { env, feature, report } from '../report.js';

const collection = JSON.parse(await readFile(new URL('collection.json', import.meta.url)));
const has = (name) => collection.item.some((folder) => folder.name === name);

await report(async () => {
  const { run } = await promisify(newman.run)({
    collection,
    folder: has(feature) ? feature : 'basic',
    envVar: Object.entries(env).map(([key, value]) => ({ key, value })),
    sslExtraCaCerts: env.CA_FILE,
  });
  if (run.failures.length > 0) throw run.failures[0].error;

  const answers = run.executions.map(({ response }) => (response.text() ? response.json() : {}));
  const [first, last] = [answers.at(0), answers.at(-1)];
  // The answer to a revocation is empty: the token is that of the request before.
  return { ...last, access_token: last.access_token ?? first.access_token, first: first.access_token };
});
