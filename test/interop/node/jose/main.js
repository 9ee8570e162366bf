import { createRemoteJWKSet, jwtVerify } from 'jose';
import { env, verify } from '../verify.js';

// An unknown kid makes it read the set again, by default not within 30 s of the last time.
const keys = createRemoteJWKSet(new URL(env.JWKS_URI), { cooldownDuration: 0 });

await verify(async (token) => {
  const { payload } = await jwtVerify(token, keys, {
    issuer: env.ISSUER,
    audience: env.AUDIENCE,
    algorithms: [env.ALGORITHM],
  });
  return payload;
});
