package nimbus;

import static report.Report.env;

import com.nimbusds.oauth2.sdk.*;
import com.nimbusds.oauth2.sdk.auth.ClientAuthentication;
import com.nimbusds.oauth2.sdk.token.*;
import java.net.URI;

/** Nimbus's requests: it makes one, sends it and parses the answer in three steps, and an error is a value. */
record Requests(ClientAuthentication authentication) {
    Tokens token(URI endpoint, AuthorizationGrant grant) throws Exception {
        Scope scope = env("SCOPE").isEmpty() ? null : Scope.parse(env("SCOPE"));
        TokenRequest request = new TokenRequest.Builder(endpoint, authentication, grant).scope(scope).build();
        TokenResponse response = TokenResponse.parse(request.toHTTPRequest().send());
        if (!response.indicatesSuccess()) {
            throw new GeneralException(response.toErrorResponse().toJSONObject().toString());
        }
        return response.toSuccessResponse().getTokens();
    }

    void revocation(AccessToken token) throws Exception {
        TokenRevocationRequest request = new TokenRevocationRequest(URI.create(env("REVOCATION_ENDPOINT")), authentication, token);
        request.toHTTPRequest().send().ensureStatusCode(200);
    }

    TokenIntrospectionSuccessResponse introspection(AccessToken token) throws Exception {
        var request = new TokenIntrospectionRequest(URI.create(env("INTROSPECTION_ENDPOINT")), authentication, token);
        return TokenIntrospectionResponse.parse(request.toHTTPRequest().send()).toSuccessResponse();
    }
}
