package spring;

import static report.Report.env;

import java.time.Duration;
import java.util.*;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.*;
import report.Report;

public class Verifier {
    public static void main(String[] args) {
        // What Spring Boot does with issuer-uri and with jwk-set-uri.
        var builder = args[0].equals("issuer-uri")
                ? NimbusJwtDecoder.withIssuerLocation(env("ISSUER"))
                : NimbusJwtDecoder.withJwkSetUri(env("JWKS_URI"));
        List<OAuth2TokenValidator<Jwt>> validators = new ArrayList<>();
        validators.add(new JwtTimestampValidator(Duration.ZERO));
        validators.add(new JwtIssuerValidator(env("ISSUER")));
        validators.add(new JwtAudienceValidator(env("AUDIENCE")));
        if (args[0].equals("configured")) {
            builder.jwsAlgorithm(SignatureAlgorithm.from(env("ALGORITHM"))).validateType(false);
            validators.add(new JwtTypeValidator("at+jwt"));
        }
        NimbusJwtDecoder decoder = builder.build();
        decoder.setJwtValidator(JwtValidators.createDefaultWithValidators(validators));
        Report.verify(token -> decoder.decode(token).getClaims());
    }
}
