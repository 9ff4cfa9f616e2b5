import jwt from 'jsonwebtoken'
import { serve, version } from './lines.mjs'

await serve(
  {
    version: () => ({ version: version('jsonwebtoken') }),
    mint: ({ alg, key, header, claims }) => ({
      // noTimestamp would also take away an iat that is there.
      token: jwt.sign(claims, key, { algorithm: alg, header: { ...header, alg }, noTimestamp: !('iat' in claims) }),
    }),
    // It has no option that requires exp or sub.
    judge: ({ alg, key, token, audience, issuer, now }) => ({
      claims: jwt.verify(token, key, { algorithms: [alg], audience, issuer, clockTimestamp: now }),
    }),
  },
  (error) => error instanceof jwt.JsonWebTokenError,
)
