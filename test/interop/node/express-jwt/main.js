import express from 'express';
import { expressjwt } from 'express-jwt';
import jwksRsa from 'jwks-rsa';
import { env, verify } from '../verify.js';

const app = express();
app.use(
  expressjwt({
    secret: jwksRsa.expressJwtSecret({ jwksUri: env.JWKS_URI, cache: true, rateLimit: true }),
    issuer: env.ISSUER,
    audience: env.AUDIENCE,
    algorithms: [env.ALGORITHM],
  }),
);
app.get('/', (request, response) => response.json(request.auth));
app.use((err, request, response, next) => response.status(err.status ?? 500).send(err.message));

const server = app.listen(0, '127.0.0.1');
await verify(async (token) => {
  const url = `http://127.0.0.1:${server.address().port}/`;
  const response = await fetch(url, { headers: { Authorization: `Bearer ${token}` } });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return response.json();
});
server.close();
