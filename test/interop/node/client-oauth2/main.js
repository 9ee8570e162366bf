import ClientOAuth2 from 'client-oauth2';
import { env, feature, report } from '../report.js';

const client = new ClientOAuth2({
  clientId: env.CLIENT_ID,
  clientSecret: env.CLIENT_SECRET,
  accessTokenUri: env.TOKEN_ENDPOINT,
  scopes: env.SCOPE ? env.SCOPE.split(' ') : undefined,
});

await report(async () => {
  const token = await client.credentials.getToken();
  if (feature !== 'refresh') return token.data;
  return { ...(await token.refresh()).data, first: token.accessToken };
});
