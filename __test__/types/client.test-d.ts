// The types of the Client: its options, properties and figures.

import { URL } from 'node:url'
import { expectAssignable, expectError, expectType } from 'tsd'
import { buildConnector, Client, Dispatcher } from '../..'

expectAssignable<Dispatcher>(new Client('http://localhost'))
expectType<Client>(new Client(new URL('http://localhost'), {}))
expectError(new Client())

expectAssignable<Client.Options>({
  pipelining: 1,
  keepAliveTimeout: 1,
  keepAliveMaxTimeout: 1,
  keepAliveTimeoutThreshold: 1,
  headersTimeout: 1,
  bodyTimeout: 1,
  timeout: 1,
  connectTimeout: 1,
  maxHeaderSize: 1,
  maxResponseSize: -1,
  maxRequestsPerClient: 1,
  strictContentLength: false,
  localAddress: '::1',
  socketPath: '/a',
  connect: { timeout: 1, keepAlive: false, keepAliveInitialDelay: 1, socketPath: '/a', typeOfService: 1 }
})
expectAssignable<Client.Options>({
  connect: (options: buildConnector.Options, callback: buildConnector.Callback) => callback(new Error(options.hostname), null)
})
expectError(new Client('http://localhost', { keepAliveTimeout: '1s' }))
expectError(new Client('http://localhost', { unheardOf: true }))

// What undici refuses has no value that fits.
expectError(new Client('http://localhost', { socketTimeout: 1 }))
expectError(new Client('http://localhost', { requestTimeout: 1 }))
expectError(new Client('http://localhost', { idleTimeout: 1 }))
expectError(new Client('http://localhost', { keepAlive: true }))
expectError(new Client('http://localhost', { maxKeepAliveTimeout: 1 }))
expectError(new Client('http://localhost', { tls: {} }))

declare const client: Client
expectType<number>(client.pipelining)
client.pipelining = 2
expectType<boolean>(client.closed)
expectType<boolean>(client.destroyed)
expectError(client.closed = true)
expectType<boolean>(client.stats.connected)
expectType<number>(client.stats.pending)
expectType<number>(client.stats.running)
expectType<number>(client.stats.size)
expectType<Promise<Dispatcher.ConnectData<null>>>(client.connect({ path: 'a:1' }))
