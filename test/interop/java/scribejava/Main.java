package scribejava;

import static report.Report.env;

import com.github.scribejava.core.builder.ServiceBuilder;
import com.github.scribejava.core.model.OAuth2AccessToken;
import com.github.scribejava.core.oauth.OAuth20Service;
import com.github.scribejava.core.oauth2.clientauthentication.*;
import java.util.Map;
import report.Report;

public class Main {
    public static void main(String[] args) {
        Report.print(() -> run(args[0]));
    }

    static Map<String, Object> run(String feature) throws Exception {
        ServiceBuilder builder = new ServiceBuilder(env("CLIENT_ID")).apiSecret(env("CLIENT_SECRET"));
        if (!env("SCOPE").isEmpty()) {
            builder.defaultScope(env("SCOPE"));
        }
        OAuth20Service service = builder.build(new Api(
                feature.equals("post") ? RequestBodyAuthenticationScheme.instance() : HttpBasicAuthenticationScheme.instance()));
        OAuth2AccessToken token = service.getAccessTokenClientCredentialsGrant();
        String first = token.getAccessToken();
        switch (feature) {
            case "refresh" -> token = service.refreshAccessToken(token.getRefreshToken());
            case "revoke" -> service.revokeToken(first);
        }
        return Report.of(
                "access_token", token.getAccessToken(),
                "refresh_token", token.getRefreshToken(),
                "scope", token.getScope(),
                "expires_in", token.getExpiresIn(),
                "token_type", token.getTokenType(),
                "first", first);
    }
}
