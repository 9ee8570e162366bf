package nimbus;

import static report.Report.env;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.oauth2.sdk.ClientCredentialsGrant;
import com.nimbusds.oauth2.sdk.auth.*;
import com.nimbusds.oauth2.sdk.id.*;
import java.net.URI;
import report.Report;

/** A JWT in the place of a secret, made out to the issuer. */
public class Assertion {
    public static void main(String[] args) {
        Report.print(() -> {
            var key = ECKey.parse(env("PRIVATE_JWK")).toECPrivateKey();
            var claims = new JWTAuthenticationClaimsSet(new ClientID(env("CLIENT_ID")), new Audience(env("ISSUER")));
            Requests requests = new Requests(new PrivateKeyJWT(claims, JWSAlgorithm.ES256, key, null, null));
            return requests.token(URI.create(env("TOKEN_ENDPOINT")), new ClientCredentialsGrant()).toJSONObject();
        });
    }
}
