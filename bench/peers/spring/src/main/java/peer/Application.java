package peer;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Profile;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.server.authorization.token.JwtEncodingContext;
import org.springframework.security.oauth2.server.authorization.token.OAuth2TokenCustomizer;

/** The peer Spring Authorization Server, as Spring Boot configures it; the clients are in application.yml. */
@SpringBootApplication
public class Application {

    public static void main(String[] args) {
        SpringApplication.run(Application.class, args);
    }

    /** A P-256 key in place of Boot's RSA key. */
    @Bean
    JWKSource<SecurityContext> keys() throws JOSEException {
        var key = new ECKeyGenerator(Curve.P_256).keyID("bench").keyUse(KeyUse.SIGNATURE).algorithm(JWSAlgorithm.ES256);
        return new ImmutableJWKSet<>(new JWKSet(key.generate()));
    }

    @Bean
    OAuth2TokenCustomizer<JwtEncodingContext> es256() {
        return context -> context.getJwsHeader().algorithm(SignatureAlgorithm.ES256);
    }

    /** In place of Spring Security's bcrypt: one SHA-256, which suffices for a random secret. */
    @Bean
    @Profile("sha256")
    PasswordEncoder sha256() {
        return new PasswordEncoder() {
            @Override
            public String encode(CharSequence secret) {
                try {
                    var sha256 = MessageDigest.getInstance("SHA-256");
                    return HexFormat.of().formatHex(sha256.digest(secret.toString().getBytes(StandardCharsets.UTF_8)));
                } catch (NoSuchAlgorithmException impossible) {
                    throw new IllegalStateException(impossible);
                }
            }

            @Override
            public boolean matches(CharSequence secret, String encoded) {
                return MessageDigest.isEqual(
                        encode(secret).getBytes(StandardCharsets.US_ASCII), encoded.getBytes(StandardCharsets.US_ASCII));
            }
        };
    }
}
