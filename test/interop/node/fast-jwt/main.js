import { createVerifier } from 'fast-jwt';
import buildGetJwks from 'get-jwks';
import { env, verify } from '../verify.js';

const jwks = buildGetJwks({ jwksPath: new URL(env.JWKS_URI).pathname });

const verifier = createVerifier({
  key: ({ header: { kid, alg } }) => jwks.getPublicKey({ kid, alg, domain: env.ISSUER }),
  algorithms: [env.ALGORITHM],
  allowedIss: env.ISSUER,
  allowedAud: env.AUDIENCE,
});

await verify(verifier);
