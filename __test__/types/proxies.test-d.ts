// The types of those who go by way of a proxy.

import { Duplex } from 'node:stream'
import { URL } from 'node:url'
import { expectAssignable, expectError, expectType } from 'tsd'
import * as undici8 from 'undici8'
import dodici, { Dispatcher, EnvHttpProxyAgent, Pool, ProxyAgent, Socks5ProxyAgent, setGlobalDispatcher } from '../..'

expectType<ProxyAgent>(new ProxyAgent('http://proxy'))
expectType<ProxyAgent>(new ProxyAgent(new URL('http://proxy')))
expectType<ProxyAgent>(new ProxyAgent({
  uri: new URL('http://proxy'),
  token: 'Bearer x',
  headers: { a: 'b' },
  requestTls: { ca: 'x', servername: 'y' },
  proxyTls: { timeout: 1 },
  clientFactory: (origin, options) => new Pool(origin, options),
  factory: (origin, options) => new Pool(origin, options),
  proxyTunnel: true,
  connectTimeout: 1,
  connections: 1
}))
expectError(new ProxyAgent())
expectError(new ProxyAgent({}))
expectError(new ProxyAgent({ uri: 'http://proxy', token: 1 }))

expectType<EnvHttpProxyAgent>(new EnvHttpProxyAgent())
expectType<EnvHttpProxyAgent>(new EnvHttpProxyAgent({ httpProxy: 'a', httpsProxy: 'b', noProxy: 'c', allProxy: false, token: 'd' }))
expectError(new EnvHttpProxyAgent({ uri: 'http://proxy' }))

expectAssignable<Dispatcher>(new ProxyAgent('http://proxy'))
expectAssignable<undici8.Dispatcher>(new EnvHttpProxyAgent())
expectType<void>(setGlobalDispatcher(new EnvHttpProxyAgent()))
expectType<typeof ProxyAgent>(dodici.ProxyAgent)
expectType<typeof EnvHttpProxyAgent>(dodici.EnvHttpProxyAgent)

declare const theirs: undici8.ProxyAgent.Options
new ProxyAgent(theirs)
declare const theirsOfTheEnvironment: undici8.EnvHttpProxyAgent.Options
new EnvHttpProxyAgent(theirsOfTheEnvironment)

expectType<Socks5ProxyAgent>(new Socks5ProxyAgent('socks5://proxy'))
expectType<Socks5ProxyAgent>(new Socks5ProxyAgent(new URL('socks5://proxy'), {
  username: 'a',
  password: 'b',
  headers: { a: 'b' },
  connect: (options, callback) => callback(new Error(options.hostname), null),
  connectTimeout: 1,
  proxyTls: { ca: 'x' },
  requestTls: { servername: 'y' },
  connections: 1
}))
expectError(new Socks5ProxyAgent())
expectError(new Socks5ProxyAgent('socks5://proxy', { username: 1 }))
expectAssignable<undici8.Dispatcher>(new Socks5ProxyAgent('socks5://proxy'))
expectType<typeof Socks5ProxyAgent>(dodici.Socks5ProxyAgent)
expectType<Promise<Duplex>>(new Socks5ProxyAgent('socks5://proxy').createSocks5Connection('host', 1))
