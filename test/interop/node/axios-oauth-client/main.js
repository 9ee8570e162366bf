import axios from 'axios';
import { clientCredentials, refreshToken } from 'axios-oauth-client';
import { env, feature, report } from '../report.js';

const key = [env.TOKEN_ENDPOINT, env.CLIENT_ID, env.CLIENT_SECRET];
const getToken = clientCredentials(axios.create(), ...key);
const refresh = refreshToken(axios.create(), ...key);

// What the server said is not in the message of an axios error, it is the response's data.
const explain = (err) => `${err.message}: ${JSON.stringify(err.response?.data)}`;

await report(async () => {
  const token = await getToken(env.SCOPE);
  if (feature !== 'refresh') return token;
  return { ...(await refresh(token.refresh_token)), first: token.access_token };
}, explain);
