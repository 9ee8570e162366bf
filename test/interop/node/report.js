// What the programs share: the runner's environment, and one line of JSON at the end.
import { inspect } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';

export { sleep };
export const env = process.env;
export const feature = process.argv.at(-1);
// An empty SCOPE means that the parameter is not sent.
export const scope = env.SCOPE ? { scope: env.SCOPE } : {};

// report prints what work answers, or the error it threw as console.error would show it.
export async function report(work, explain = inspect) {
  let answer;
  try {
    answer = await work();
  } catch (err) {
    answer = { error: await explain(err) };
  }
  console.log(JSON.stringify(answer));
}

// explainChallenge is for errors that hold the response: that for a 401 tells of its challenge
// only, and leaves the body, where the code is, to the caller.
export async function explainChallenge(err) {
  const body = err.response?.bodyUsed === false ? await err.response.text() : '';
  return inspect(err) + body;
}
