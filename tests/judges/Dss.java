import eu.europa.esig.dss.enumerations.SignatureLevel;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.pades.PAdESSignatureParameters;
import eu.europa.esig.dss.pades.signature.PAdESService;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonCertificateSource;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.spi.x509.revocation.crl.ExternalResourcesCRLSource;
import eu.europa.esig.dss.token.DSSPrivateKeyEntry;
import eu.europa.esig.dss.token.Pkcs12SignatureToken;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import java.io.BufferedReader;
import java.io.File;
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Validates and signs PDFs with EU DSS: {@code java -cp JARS Dss.java ROOT ISSUER CRLS P12}, with the password of
 * the PKCS#12 file in DSS_PASSWORD. It reads orders from standard input, one a line with tabs between the words
 * ({@code validate FILE}, {@code sign FILE SIGNED}), and answers each with a line of JSON.
 */
public class Dss {
    private final CommonCertificateVerifier verifier = new CommonCertificateVerifier();
    private final Pkcs12SignatureToken token;
    private final DSSPrivateKeyEntry key;

    Dss(File root, File issuer, File crls, File p12, char[] password) throws Exception {
        var roots = new CommonTrustedCertificateSource();
        roots.addCertificate(DSSUtils.loadCertificate(root));
        var issuers = new CommonCertificateSource();
        issuers.addCertificate(DSSUtils.loadCertificate(issuer));
        File[] lists = crls.listFiles((folder, name) -> name.endsWith(".crl"));
        var opened = new InputStream[lists.length];
        for (int n = 0; n < lists.length; n++) {
            opened[n] = new FileInputStream(lists[n]);
        }
        verifier.setTrustedCertSources(roots);
        verifier.setAdjunctCertSources(issuers);
        verifier.setCrlSource(new ExternalResourcesCRLSource(opened));
        token = new Pkcs12SignatureToken(p12, new KeyStore.PasswordProtection(password));
        key = token.getKeys().get(0);
    }

    String validate(String file) {
        var validator = SignedDocumentValidator.fromDocument(new FileDocument(file));
        validator.setCertificateVerifier(verifier);
        var report = validator.validateDocument().getSimpleReport();
        return report.getSignatureIdList().stream().map(id -> "{"
            + field("indication", report.getIndication(id)) + ","
            + field("sub_indication", report.getSubIndication(id)) + ","
            + field("level", report.getSignatureFormat(id)) + "}"
        ).collect(Collectors.joining(",", "\"signatures\":[", "]"));
    }

    void sign(String file, String signed) throws Exception {
        var parameters = new PAdESSignatureParameters();
        parameters.setSignatureLevel(SignatureLevel.PAdES_BASELINE_B);
        parameters.setSigningCertificate(key.getCertificate());
        parameters.setCertificateChain(key.getCertificateChain());
        var service = new PAdESService(verifier);
        var document = new FileDocument(file);
        var data = service.getDataToSign(document, parameters);
        var value = token.sign(data, parameters.getDigestAlgorithm(), key);
        service.signDocument(document, parameters, value).save(signed);
    }

    String answer(String[] order) {
        try {
            if (order[0].equals("validate")) {
                return validate(order[1]);
            }
            sign(order[1], order[2]);
            return "";
        } catch (Exception error) {
            return field("error", error);
        }
    }

    static String field(String name, Object value) {
        String text = Objects.toString(value, "").replace("\\", "\\\\").replace("\"", "\\\"");
        return "\"" + name + "\":\"" + text.replaceAll("\\p{Cntrl}", " ") + "\"";
    }

    public static void main(String[] args) throws Exception {
        File[] files = Arrays.stream(args).map(File::new).toArray(File[]::new);
        char[] password = System.getenv("DSS_PASSWORD").toCharArray();
        var dss = new Dss(files[0], files[1], files[2], files[3], password);
        var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        var orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = orders.readLine(); line != null; line = orders.readLine()) {
            out.println("{" + dss.answer(line.split("\t")) + "}");
        }
    }
}
