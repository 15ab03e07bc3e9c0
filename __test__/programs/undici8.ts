// A program typed against undici 8. types.test.js compiles it against that undici, and against this package instead.

import { Readable, Writable } from 'node:stream'
import { URL } from 'node:url'
import undici, { Client, Dispatcher, errors, DiagnosticsChannel, MockAgent, MockClient, mockErrors, MockPool, Interceptable, MockCallHistoryLog, SnapshotAgent } from 'undici8'

const options: Client.Options = {
  pipelining: 1,
  keepAliveTimeout: 4e3,
  keepAliveMaxTimeout: 600e3,
  keepAliveTimeoutThreshold: 2e3,
  headersTimeout: 1e3,
  bodyTimeout: 1e3,
  maxHeaderSize: 16384,
  maxResponseSize: -1,
  maxRequestsPerClient: 10,
  strictContentLength: true,
  localAddress: '127.0.0.1',
  connectTimeout: 1e3,
  socketPath: '/run/a.sock',
  connect: { timeout: 1, keepAlive: true, rejectUnauthorized: false, servername: 'a' },
  autoSelectFamily: true,
  autoSelectFamilyAttemptTimeout: 250,
  allowH2: false,
  maxCachedSessions: 100,
  h2Options: { maxConcurrentStreams: 10, settings: { initialWindowSize: 1 } },
  webSocket: { maxPayloadSize: 1 },
  eventSource: { maxEventSize: 1 }
}
const connector: Client.Options = { connect: (opts, callback) => { callback(new Error(opts.hostname), null) } }
const client: Client = new Client(new URL('http://localhost'), { ...options, ...connector })
const viaDefault = new undici.Client('http://localhost')
const dispatcher: Dispatcher = viaDefault

async function requests (): Promise<void> {
  const { statusCode, statusText, headers, body, trailers, opaque, context } = await client.request({ path: '/', method: 'GET', opaque: { a: 1 } })
  const numbers: number[] = [statusCode, opaque.a]
  const texts: string[] = [statusText, await body.text(), ...Object.values(trailers)]
  const field: string | string[] | undefined = headers['content-type']
  const nothing: null = (await client.request({ path: '/', method: 'GET' })).opaque
  const shared: object = context
  const bytes: Uint8Array = await body.bytes()
  await body.dump({ limit: 10, signal: new AbortController().signal })
  console.log(numbers, texts, field, nothing, shared, bytes, await body.json(), await body.blob(), body.bodyUsed, await body.arrayBuffer())

  const request: Dispatcher.RequestOptions = {
    origin: new URL('http://a'),
    path: '/',
    method: 'QUERY',
    body: Readable.from(['a']),
    headers: { a: 1, b: ['c', 'd'], e: undefined },
    query: { a: [1, 2] },
    idempotent: true,
    blocking: false,
    typeOfService: 1,
    upgrade: null,
    headersTimeout: null,
    bodyTimeout: 0,
    reset: true,
    expectContinue: false,
    signal: new AbortController().signal,
    onInfo: info => { console.log(info.statusCode + 1, info.headers.a) },
    responseHeaders: 'raw',
    highWaterMark: 1
  }
  const response: Dispatcher.ResponseData = await dispatcher.request(request)
  client.request(request, (error: Error | null, data: Dispatcher.ResponseData) => { console.log(error, data, response) })
  client.request({ path: '/', method: 'GET', opaque: 'a' }, (error, data) => { console.log(error?.message, data.opaque.length) })

  const { trailers: end, opaque: through } = await client.stream(
    { path: '/', method: 'GET', opaque: { sink: new Writable() } },
    ({ statusCode, headers, opaque, context }) => { console.log(statusCode + 1, headers, context); return opaque.sink }
  )
  console.log(end.a.length, through.sink.writable)
  const factory: Dispatcher.StreamFactory = ({ statusCode }) => { console.log(statusCode); return new Writable() }
  client.stream({ path: '/', method: 'GET' }, factory, (error, data) => { console.log(error, data.trailers) })

  const duplex = client.pipeline({ path: '/', method: 'PUT', objectMode: true, opaque: 1 }, ({ body, opaque, statusCode, headers, context }) => {
    console.log(opaque.toFixed(), statusCode, headers, context)
    return body
  })
  duplex.end('a')

  const tunnel: Dispatcher.ConnectData<number> = await client.connect({ path: 'a:1', opaque: 5 })
  tunnel.socket.write('a')
  await dispatcher.connect({ origin: 'http://a', path: 'a:1' })
  client.connect({ path: 'a:1' }, (error, data) => { console.log(error, data.statusCode, data.socket) })
  const switched: Dispatcher.UpgradeData = await client.upgrade({ path: '/', protocol: 'a', method: 'GET', headers: [['a', 'b']] })
  switched.socket.end()
  client.upgrade({ path: '/' }, (error, data) => { console.log(error, data.headers.upgrade) })
}

class Collector implements Dispatcher.DispatchHandler {
  #chunks: Buffer[] = []
  onRequestStart (controller: Dispatcher.DispatchController, context: any): void { console.log(context, controller.aborted, controller.paused) }
  onRequestUpgrade (controller: Dispatcher.DispatchController, statusCode: number): void { controller.abort(new Error(String(statusCode))) }
  onResponseStart (controller: Dispatcher.DispatchController, statusCode: number, headers: Record<string, string | string[] | undefined>, statusMessage?: string): void {
    console.log(statusCode, headers, statusMessage, controller.rawHeaders, controller.rawTrailers)
  }

  onResponseData (controller: Dispatcher.DispatchController, chunk: Buffer): void { controller.pause(); this.#chunks.push(chunk); controller.resume() }
  onResponseEnd (controller: Dispatcher.DispatchController, trailers: Record<string, string | string[] | undefined>): void { console.log(controller.reason, trailers) }
  onResponseError (controller: Dispatcher.DispatchController, error: Error): void { console.log(controller, error.message) }
  onBodySent (chunk: Buffer): void { console.log(chunk.byteLength) }
  onRequestSent (): void {}
}

const busy: boolean = client.dispatch({ path: '/', method: 'GET', body: 'a' }, new Collector())
client.dispatch({ path: '/', method: 'GET' }, {
  onRequestStart (controller) { controller.abort(new Error('no')) },
  onResponseStart (controller, statusCode, headers, statusMessage) { console.log(controller.reason, statusCode + 1, headers.a, statusMessage) },
  onResponseData (_controller, chunk) { console.log(chunk.byteLength) },
  onResponseEnd (_controller, trailers) { console.log(trailers.a) },
  onResponseError (_controller, error) { console.log(error.message) },
  onBodySent (chunk) { console.log(chunk.byteLength) }
})

const forwarding = (dispatch: Dispatcher.Dispatch): Dispatcher.Dispatch => (opts, handler) => dispatch(opts, {
  onRequestStart: (controller, context) => handler.onRequestStart?.(controller, context),
  onResponseStart: (controller, statusCode, headers, statusMessage) => handler.onResponseStart?.(controller, statusCode, headers, statusMessage),
  onResponseData: (controller, chunk) => handler.onResponseData?.(controller, chunk),
  onResponseEnd: (controller, trailers) => handler.onResponseEnd?.(controller, trailers),
  onResponseError: (controller, error) => handler.onResponseError?.(controller, error),
  onBodySent: chunk => handler.onBodySent?.(chunk)
})
const composed: Dispatcher.ComposedDispatcher = client.compose(forwarding).compose([forwarding])
const interceptor: Dispatcher.DispatcherComposeInterceptor = forwarding

class Counting extends Dispatcher {
  count = 0
  override dispatch (options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    this.count++
    return client.dispatch({ ...options, headers: { ...(options.headers as Record<string, string>), a: 'b' } }, handler)
  }
}

client.on('connect', (origin, targets) => { console.log(origin.host, targets.length) })
client.once('disconnect', (origin, targets, error) => { console.log(origin.host, targets[0] === client, error.code) })
client.off('connectionError', (origin: URL, targets: readonly Dispatcher[], error: errors.UndiciError) => { console.log(origin, targets, error.name) })
client.addListener('drain', origin => { console.log(origin.href) })
client.emit('drain', new URL('http://a'))
client.listeners('connect')[0](new URL('http://a'), [client])

client.pipelining = 2
const { connected, pending, running, size } = client.stats
const flags: boolean[] = [client.closed, client.destroyed, connected, busy]
const counts: number[] = [pending, running, size]
client.close(() => {})
client.destroy(new Error('over'), () => {})
client.destroy(() => {})
const promises: Array<Promise<void>> = [client.close(), client.destroy(), client.destroy(null), requests()]

function describe (error: unknown): string | number | null | undefined {
  if (error instanceof errors.SocketError) return error.socket?.remotePort
  if (error instanceof errors.HTTPParserError) return error.code
  if (error instanceof errors.ResponseError) return error.statusCode
  if (error instanceof errors.RequestAbortedError) { const code: 'UND_ERR_ABORTED' = error.code; return code }
  if (error instanceof errors.MaxRedirectsError || error instanceof errors.ProxyConnectionError) return error.code
  if (error instanceof errors.UndiciError) return error.message
  throw new errors.InvalidArgumentError('a')
}

function onHead ({ request, response }: DiagnosticsChannel.RequestHeadersMessage): void {
  console.log(request.method, request.origin, request.path, request.completed, response.statusCode, response.headers)
}

console.log(composed, interceptor, new Counting().count, flags, counts, promises, describe, onHead)

async function mocked (): Promise<void> {
  const agent = new MockAgent({ connections: 1 })
  agent.disableNetConnect()
  agent.enableNetConnect(/^localhost/)
  const client = agent.get<MockClient>('http://localhost')
  const pool: Interceptable = new MockPool('http://localhost', { agent })
  for (const dispatcher of [client, pool]) {
    dispatcher.intercept({ path: '/', method: 'POST', headers: { a: /b/ }, query: { c: 1 } })
      .defaultReplyHeaders({ d: 'e' })
      .reply(200, ({ body }) => `${body}`, { trailers: { f: 'g' } })
      .times(2)
      .delay(1)
    dispatcher.intercept({ path: (path) => path === '/' }).reply(({ path }) => ({ statusCode: 200, data: { path } })).persist()
    dispatcher.intercept({ path: /./ }).replyWithError(new mockErrors.MockNotMatchedError('no'))
  }
  const { body } = await client.request({ path: '/', method: 'GET' })
  console.log(await body.json(), agent.pendingInterceptors().length)
  agent.assertNoPendingInterceptors()
  await agent.close()
}

async function logged (): Promise<MockCallHistoryLog | undefined> {
  const agent = new SnapshotAgent({ mode: 'playback', snapshotPath: 'a.json', excludeUrls: [/secret/], enableCallHistory: true })
  await agent.loadSnapshots()
  console.log(agent.getRecorder().getSnapshots().map(({ responses }) => responses.length))
  return agent.getCallHistory()?.filterCalls({ method: 'GET' }, { operator: 'AND' }).at(0)
}

console.log(mocked, logged)
