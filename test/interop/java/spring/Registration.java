package spring;

import static report.Report.env;

import org.springframework.security.oauth2.client.registration.*;
import org.springframework.security.oauth2.core.*;

/** The settings that Spring Boot reads from spring.security.oauth2.client.registration and .provider. */
class Registration {
    static ClientRegistration of(String feature) {
        ClientRegistration.Builder builder = feature.equals("discovery_oidc")
                ? ClientRegistrations.fromIssuerLocation(env("ISSUER")).registrationId("grantd")
                : ClientRegistration.withRegistrationId("grantd").tokenUri(env("TOKEN_ENDPOINT"));
        if (feature.equals("post")) {
            builder.clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_POST);
        }
        if (!env("SCOPE").isEmpty()) {
            builder.scope(env("SCOPE").split(" "));
        }
        return builder.clientId(env("CLIENT_ID"))
                .clientSecret(env("CLIENT_SECRET"))
                .authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS)
                .build();
    }
}
