import { serve, version } from './lines.mjs'

const jose = await import('jose') // after lines.mjs has seen to crypto

const isSymmetric = (alg) => alg.startsWith('HS')
const secret = (text) => new TextEncoder().encode(text)

const options = ({ alg, audience, issuer, now }) => ({
  algorithms: [alg],
  requiredClaims: ['exp', 'sub'],
  currentDate: new Date(now * 1000),
  ...(audience && { audience }),
  ...(issuer && { issuer }),
})

await serve(
  {
    version: () => ({ version: version('jose') }),
    async mint({ alg, key, header, claims }) {
      const private_ = isSymmetric(alg) ? secret(key) : await jose.importPKCS8(key, alg)
      return { token: await new jose.SignJWT(claims).setProtectedHeader({ ...header, alg }).sign(private_) }
    },
    async judge(request) {
      const { alg, key, token } = request
      const public_ = isSymmetric(alg) ? secret(key) : await jose.importSPKI(key, alg)
      return { claims: (await jose.jwtVerify(token, public_, options(request))).payload }
    },
    async judgeBySet(request) {
      const keys = jose.createLocalJWKSet(request.jwks)
      return { claims: (await jose.jwtVerify(request.token, keys, options(request))).payload }
    },
    async export({ alg, key }) {
      if (isSymmetric(alg)) return { jwk: await jose.exportJWK(secret(key)) }
      const load = key.includes('PRIVATE KEY') ? jose.importPKCS8 : jose.importSPKI
      return { jwk: await jose.exportJWK(await load(key, alg, { extractable: true })) }
    },
    thumbprints: async ({ jwks }) => ({
      thumbprints: await Promise.all(jwks.keys.map((jwk) => jose.calculateJwkThumbprint(jwk))),
    }),
  },
  (error) => error instanceof jose.errors.JOSEError,
)
