import { JwtVerifier } from 'aws-jwt-verify';
import { env, verify } from '../verify.js';

const verifier = JwtVerifier.create({
  issuer: env.ISSUER,
  audience: env.AUDIENCE,
  jwksUri: env.JWKS_URI,
});

await verify((token) => verifier.verify(token));
