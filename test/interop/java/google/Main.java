package google;

import static report.Report.env;

import com.google.api.client.auth.oauth2.*;
import com.google.api.client.http.*;
import com.google.api.client.http.javanet.NetHttpTransport;
import com.google.api.client.json.gson.GsonFactory;
import java.util.List;
import java.util.Map;
import report.Report;

public class Main {
    public static void main(String[] args) {
        Report.print(() -> run(args[0], new NetHttpTransport(), new GsonFactory(), new GenericUrl(env("TOKEN_ENDPOINT"))));
    }

    static Map<String, Object> run(String feature, HttpTransport transport, GsonFactory json, GenericUrl endpoint) throws Exception {
        HttpExecuteInterceptor authentication = feature.equals("post")
                ? new ClientParametersAuthentication(env("CLIENT_ID"), env("CLIENT_SECRET"))
                : new BasicAuthentication(env("CLIENT_ID"), env("CLIENT_SECRET"));
        TokenRequest request = new ClientCredentialsTokenRequest(transport, json, endpoint).setClientAuthentication(authentication);
        if (!env("SCOPE").isEmpty()) {
            request.setScopes(List.of(env("SCOPE").split(" ")));
        }
        TokenResponse token = request.execute();
        String first = token.getAccessToken();
        if (feature.equals("refresh")) {
            token = new RefreshTokenRequest(transport, json, endpoint, token.getRefreshToken())
                    .setClientAuthentication(authentication).execute();
        }
        return Report.of(
                "access_token", token.getAccessToken(),
                "refresh_token", token.getRefreshToken(),
                "scope", token.getScope(),
                "expires_in", token.getExpiresInSeconds(),
                "token_type", token.getTokenType(),
                "first", first);
    }
}
