// A resource server for the SDK to ask: 200 while the token lives, else 401.
import { createServer } from 'node:http';
import { decodeJwt } from 'jose';

export async function resourceServer() {
  const server = createServer(({ headers }, response) => {
    const [, token] = headers.authorization?.split(' ') ?? [];
    const alive = token !== undefined && decodeJwt(token).exp * 1000 > Date.now();
    response.writeHead(alive ? 200 : 401, alive ? {} : { 'WWW-Authenticate': 'Bearer' }).end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}
