package dev.matriarch.actors.postgres;

import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.Security;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.KeySpec;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.SecretKeyFactorySpi;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Remembers the keys that a login with SCRAM-SHA-256 makes of a password (RFC 5802, {@code
 * SaltedPassword}).
 *
 * <p>They are made slow on purpose, against those who guess. An agent knows its passwords, and logs
 * in to the same few roles again and again: 4096 rounds take its small virtual machine some 10 ms
 * of a processor each time, also in the middle of a fail-over. What is remembered is worth no more
 * than the passwords that are in memory as well.
 *
 * <p>The JDBC driver asks the Java platform for the algorithm; so this is a provider of it.
 */
final class LoginKeys extends Provider {
  private static final long serialVersionUID = 1;
  private static final String NAME = "MatriarchLoginKeys";
  private static final String FACTORY = "SecretKeyFactory";
  private static final String ALGORITHM = "PBKDF2WithHmacSHA256";
  private static final int REMEMBERED_MAX = 32;

  private LoginKeys() {
    super(NAME, "1", "remembers keys of logins");
    putService(
        new Service(this, FACTORY, ALGORITHM, Factory.class.getName(), List.of(), Map.of()) {
          @Override
          public Object newInstance(Object parameter) throws NoSuchAlgorithmException {
            return new Factory();
          }
        });
  }

  /** From now on, for all of this process. A platform that does not take it works without. */
  static void install() {
    var _ = Security.insertProviderAt(new LoginKeys(), 1);
  }

  /** How many keys were made, and not remembered. */
  static long made() {
    synchronized (Factory.KEYS) {
      return Factory.made;
    }
  }

  private record Asked(String password, List<Byte> salt, int rounds, int bits) {
    static Asked of(PBEKeySpec spec) {
      var salt = spec.getSalt();
      var bytes = new Byte[salt.length];
      Arrays.setAll(bytes, i -> salt[i]);
      return new Asked(
          String.valueOf(spec.getPassword()),
          List.of(bytes),
          spec.getIterationCount(),
          spec.getKeyLength());
    }
  }

  private static final class Factory extends SecretKeyFactorySpi {
    private static final Map<Asked, SecretKey> KEYS =
        new LinkedHashMap<>(REMEMBERED_MAX, 0.75f, true) {
          private static final long serialVersionUID = 1;

          @Override
          protected boolean removeEldestEntry(Map.Entry<Asked, SecretKey> eldest) {
            return size() > REMEMBERED_MAX;
          }
        };

    private static long made;

    @Override
    protected SecretKey engineGenerateSecret(KeySpec spec) throws InvalidKeySpecException {
      if (!(spec instanceof PBEKeySpec given) || given.getSalt() == null) {
        throw new InvalidKeySpecException("a password with salt and rounds is needed");
      }
      var asked = Asked.of(given);
      synchronized (KEYS) {
        var known = KEYS.get(asked);
        if (known != null) {
          return known;
        }
      }
      var key = new SecretKeySpec(slow().generateSecret(given).getEncoded(), ALGORITHM);
      synchronized (KEYS) {
        made++;
        KEYS.put(asked, key);
      }
      return key;
    }

    @Override
    protected KeySpec engineGetKeySpec(SecretKey key, Class<?> type)
        throws InvalidKeySpecException {
      return slow().getKeySpec(key, type);
    }

    @Override
    protected SecretKey engineTranslateKey(SecretKey key) throws InvalidKeyException {
      try {
        return slow().translateKey(key);
      } catch (InvalidKeySpecException e) {
        throw new InvalidKeyException(e);
      }
    }

    /** The platform's own. */
    private static SecretKeyFactory slow() throws InvalidKeySpecException {
      for (var provider : Security.getProviders()) {
        if (!provider.getName().equals(NAME) && provider.getService(FACTORY, ALGORITHM) != null) {
          try {
            return SecretKeyFactory.getInstance(ALGORITHM, provider);
          } catch (NoSuchAlgorithmException e) {
            throw new InvalidKeySpecException(e);
          }
        }
      }
      throw new InvalidKeySpecException("this Java has no " + ALGORITHM);
    }
  }
}
