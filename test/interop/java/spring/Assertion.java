package spring;

import static report.Report.env;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.ECKey;
import org.springframework.security.oauth2.client.endpoint.*;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.*;
import report.Report;

/** A JWT in the place of a secret, as Spring Security makes it. */
public class Assertion {
    public static void main(String[] args) {
        Report.print(() -> {
            var registration = ClientRegistration.withRegistrationId("grantd").tokenUri(env("TOKEN_ENDPOINT"))
                    .clientId(env("CLIENT_ID")).scope(env("SCOPE").split(" "))
                    .clientAuthenticationMethod(ClientAuthenticationMethod.PRIVATE_KEY_JWT)
                    .authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS).build();
            var key = new ECKey.Builder(ECKey.parse(env("PRIVATE_JWK"))).algorithm(JWSAlgorithm.ES256).keyIDFromThumbprint().build();
            var client = new RestClientClientCredentialsTokenResponseClient();
            client.addParametersConverter(new NimbusJwtClientAuthenticationParametersConverter<>(any -> key));
            var token = client.getTokenResponse(new OAuth2ClientCredentialsGrantRequest(registration)).getAccessToken();
            return Main.report(token, null, token);
        });
    }
}
