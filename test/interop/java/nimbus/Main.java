package nimbus;

import static report.Report.env;

import com.nimbusds.oauth2.sdk.*;
import com.nimbusds.oauth2.sdk.as.AuthorizationServerMetadata;
import com.nimbusds.oauth2.sdk.auth.*;
import com.nimbusds.oauth2.sdk.id.*;
import com.nimbusds.oauth2.sdk.token.*;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import java.net.URI;
import java.util.Map;
import report.Report;

public class Main {
    public static void main(String[] args) {
        Report.print(() -> run(args[0], new ClientID(env("CLIENT_ID")), new Secret(env("CLIENT_SECRET"))));
    }

    static Map<String, Object> run(String feature, ClientID id, Secret secret) throws Exception {
        Requests requests = new Requests(feature.equals("post") ? new ClientSecretPost(id, secret) : new ClientSecretBasic(id, secret));
        if (feature.equals("introspect")) {
            return requests.introspection(new BearerAccessToken(env("TOKEN"))).toJSONObject();
        }
        URI endpoint = switch (feature) {
            case "discovery_8414" -> AuthorizationServerMetadata.resolve(new Issuer(env("ISSUER"))).getTokenEndpointURI();
            case "discovery_oidc" -> OIDCProviderMetadata.resolve(new Issuer(env("ISSUER"))).getTokenEndpointURI();
            default -> URI.create(env("TOKEN_ENDPOINT"));
        };
        Tokens first = requests.token(endpoint, new ClientCredentialsGrant());
        if (feature.equals("revoke")) {
            requests.revocation(first.getAccessToken());
        }
        Tokens tokens = feature.equals("refresh") ? requests.token(endpoint, new RefreshTokenGrant(first.getRefreshToken())) : first;
        Map<String, Object> answer = tokens.toJSONObject();
        answer.put("first", first.getAccessToken().getValue());
        return answer;
    }
}
