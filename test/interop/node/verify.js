// What the verifiers share: a token a line on standard input, a line of JSON for each.
import { createInterface } from 'node:readline';

export const env = process.env;

// verify prints the claims that check answers, or the error it threw.
export async function verify(check) {
  for await (const token of createInterface({ input: process.stdin })) {
    let answer;
    try {
      const { sub, scope } = await check(token);
      answer = { ok: true, sub, scope };
    } catch (err) {
      answer = { ok: false, error: String(err) };
    }
    console.log(JSON.stringify(answer));
  }
}
