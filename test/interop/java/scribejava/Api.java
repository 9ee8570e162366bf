package scribejava;

import static report.Report.env;

import com.github.scribejava.core.builder.api.DefaultApi20;
import com.github.scribejava.core.oauth2.clientauthentication.ClientAuthentication;

/** ScribeJava describes each server in a class of its own. */
class Api extends DefaultApi20 {
    private final ClientAuthentication authentication;

    Api(ClientAuthentication authentication) {
        this.authentication = authentication;
    }

    @Override
    public String getAccessTokenEndpoint() {
        return env("TOKEN_ENDPOINT");
    }

    @Override
    public String getRevokeTokenEndpoint() {
        return env("REVOCATION_ENDPOINT");
    }

    @Override
    protected String getAuthorizationBaseUrl() {
        throw new UnsupportedOperationException("grantd serves machines only");
    }

    @Override
    public ClientAuthentication getClientAuthentication() {
        return authentication;
    }
}
