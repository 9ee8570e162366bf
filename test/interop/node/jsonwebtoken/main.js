import { promisify } from 'node:util';
import jwt from 'jsonwebtoken';
import jwksClient from 'jwks-rsa';
import { env, verify } from '../verify.js';

const client = jwksClient({ jwksUri: env.JWKS_URI });

function key(header, callback) {
  client.getSigningKey(header.kid, (err, signingKey) => callback(err, signingKey?.getPublicKey()));
}

const options = { issuer: env.ISSUER, audience: env.AUDIENCE, algorithms: [env.ALGORITHM] };

await verify((token) => promisify(jwt.verify)(token, key, options));
