'use strict'

// What the dns interceptor asks for, and of whom.

const six = 'what undici 6 gives to lookup, pick and storage is of another shape'
const ok = (request, response) => response.end(request.headers.host.replace(/:.*/, ''))
const at = (address = '127.0.0.1', family = 4, more) => ({ address, family, ttl: 60_000, ...more })
const lookup = (...addresses) => (origin, options, callback) => callback(null, addresses)
const use = (options) => ({ dns }) => [dns({ lookup: lookup(at()), ...options })]
const to = (origin, more) => ({ port }) => ({ origin: origin.replace('PORT', port), ...more })
const NAMED = to('http://name.test:PORT')
const heard = (content = 'name.test') => ['start', 'head 200 OK', `data ${content}`, 'end', '> GET /']

module.exports = [
  { name: 'a name is looked up, and stays in the host field', answer: ok, sees: heard() },
  { name: 'a host field of the user\'s stays', options: to('http://name.test:PORT', { headers: { Host: 'own.test' } }), answer: ok, sees: heard('own.test') },
  { name: 'a host field in pairs stays', options: to('http://name.test:PORT', { headers: [['HOST', 'own.test']] }), answer: ok, sees: heard('own.test') },
  { name: 'an address is not looked up', use: ({ dns }) => [dns({ lookup: (origin, options, callback) => callback(new Error('never')) })], options: {}, answer: ok, sees: heard('127.0.0.1') },
  { name: 'the port of an address wins', use: use({ lookup: ({ hostname }, options, callback) => callback(null, [at('127.0.0.1', 4, { port: Number(hostname.slice(1, -5)) })]) }), options: to('http://pPORT.test:1'), answer: ok, sees: heard('pPORT.test') },
  { name: 'a lookup that fails is an error', use: use({ lookup: (origin, options, callback) => callback(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })) }), answer: ok, sees: ['error Error ENOTFOUND no such name'] },
  { name: 'a lookup that finds nothing is an error', use: use({ lookup: lookup() }), answer: ok, sees: ['error InformationalError UND_ERR_INFO No DNS entries found'] },
  { name: 'addresses of the wrong family alone are an error', use: use({ dualStack: false, affinity: 6 }), answer: ok, sees: ['error InformationalError UND_ERR_INFO No DNS entries found'] },
  { name: 'a pick of the user\'s picks', use: use({ lookup: lookup(at('192.0.2.1'), at()), pick: (origin, { records }) => records[4].ips[1] }), answer: ok, sees: heard() },
  { name: 'names beyond maxItems are not looked up', use: use({ maxItems: 1, storage: { get: () => null, set () {}, delete () {}, full: () => true } }), options: to('http://localhost:PORT'), answer: ok, sees: heard('localhost') },
  { name: 'an address that refuses is followed by one of the other family', use: use({ lookup: lookup(at('::1', 6), at()), affinity: 6 }), answer: ok, sees: heard() },
  { name: 'an address that refuses is not followed without dualStack', use: use({ lookup: lookup(at('127.0.0.2')), dualStack: false }), answer: ok, sees: ['error Error ECONNREFUSED connect ECONNREFUSED 127.0.0.2:PORT'] },
  {
    name: 'a redirect inside is relative to the name',
    use: ({ dns, redirect }) => [dns({ lookup: lookup(at()) }), redirect({ maxRedirections: 1 })],
    answer: (request, response, { number }) => number === 1 ? response.writeHead(302, { location: '/end' }).end() : ok(request, response),
    sees: ['start', 'start /', 'head 200 OK', 'data name.test', 'end', '> GET /', '> GET /end']
  },
  ...[
    [{ maxTTL: -1 }, 'Invalid maxTTL. Must be a positive number'],
    [{ maxItems: 0 }, 'Invalid maxItems. Must be a positive number and greater than zero'],
    [{ affinity: 5 }, 'Invalid affinity. Must be either 4 or 6'],
    [{ dualStack: 'no' }, 'Invalid dualStack. Must be a boolean'],
    [{ lookup: 1 }, 'Invalid lookup. Must be a function'],
    [{ pick: 1 }, 'Invalid pick. Must be a function'],
    [{ storage: {} }, 'Invalid storage. Must be a object with methods: { get, set, full, delete }']
  ].map(([options, message]) => ({
    name: `${Object.keys(options)[0]} of another kind is refused`,
    use: (given) => {
      let refused
      try {
        given.dns(options)
      } catch (error) {
        refused = `${error.code} ${error.message}`
      }
      return [() => (request, handler) => { throw new Error(refused) }]
    },
    answer: ok,
    sees: [`threw Error UND_ERR_INVALID_ARG ${message}`]
  }))
].map((row) => ({ use: use(), six, options: NAMED, ...row }))
