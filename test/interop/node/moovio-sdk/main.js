import { Moov } from '@moovio/sdk';
import { env, feature, report, scope } from '../report.js';

// The SDK always sends JSON. It takes the key as Basic, or as members of the body.
const key = { clientId: env.CLIENT_ID, clientSecret: env.CLIENT_SECRET };
const body = feature === 'json' ? key : {};
const basic = { username: env.CLIENT_ID, password: env.CLIENT_SECRET };
const security = feature === 'json' ? undefined : basic;
const { authentication } = new Moov({ serverURL: env.ISSUER, security });

async function createAccessToken(request) {
  const { result } = await authentication.createAccessToken({ ...request, ...body });
  return {
    access_token: result.accessToken,
    refresh_token: result.refreshToken,
    scope: result.scope,
    expires_in: result.expiresIn,
    token_type: result.tokenType,
  };
}

await report(async () => {
  const token = await createAccessToken({ grantType: 'client_credentials', ...scope });
  if (feature === 'revoke') await authentication.revokeAccessToken({ token: token.access_token });
  if (feature !== 'refresh') return token;
  const refresh = { grantType: 'refresh_token', refreshToken: token.refresh_token };
  return { ...(await createAccessToken(refresh)), first: token.access_token };
});
