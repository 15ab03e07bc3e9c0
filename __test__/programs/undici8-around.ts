// A second program typed against undici 8: the classes around a Client, fetch and its types, sockets and pools.

import { EventEmitter } from 'node:events'
import { Duplex, PassThrough, Readable } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { Socket } from 'node:net'
import undici, {
  Agent, BalancedPool, buildConnector, Client, DecoratorHandler, Dispatcher, EnvHttpProxyAgent, errors, fetch, FormData,
  getGlobalDispatcher, getGlobalOrigin, Headers, interceptors, MessageEvent, parseCookie, parseMIMEType, Pool, ProxyAgent,
  Request, request, Response, RetryAgent, RetryHandler, RoundRobinPool, serializeAMimeType, setGlobalDispatcher,
  setGlobalOrigin, stream, pipeline, connect, upgrade, util, WebSocket, ErrorEvent, CloseEvent, EventSource, install, caches, getCookies, setCookie, deleteCookie, getSetCookies, Cookie
} from 'undici8'
import type {
  BodyInit, BodyMixin, HeadersInit, ReferrerPolicy, RequestCache, RequestCredentials, RequestDuplex, RequestInfo,
  RequestInit, RequestMode, RequestRedirect, ResponseInit, ResponseRedirectStatus, ResponseType, SpecIterableIterator, SpecIterable, SpecIterator, WebSocketInit
} from 'undici8'

const modes: [RequestCache, RequestCredentials, RequestDuplex, RequestMode, RequestRedirect, ReferrerPolicy, ResponseType, ResponseRedirectStatus] =
  ['no-store', 'omit', 'half', 'cors', 'manual', 'no-referrer', 'basic', 307]

interface Init extends RequestInit { retries: number }
interface Answer extends ResponseInit { late: boolean }

async function read (from: BodyMixin): Promise<string> {
  return from.bodyUsed ? '' : await from.text()
}

async function fetched (input: RequestInfo, init: Init): Promise<void> {
  const response: Response = await fetch(input, { ...init, dispatcher: new Agent(), signal: AbortSignal.timeout(1) })
  const texts: string[] = [await read(response), response.statusText, response.url, response.type]
  const body: BodyInit = new URLSearchParams({ a: 'b' })
  const form = new FormData()
  form.append('a', 'b')
  form.set('c', new Blob(['d']), 'e')
  const fields: HeadersInit = [['a', 'b']]
  const headers = new Headers(fields)
  headers.append('a', 'c')
  const entries: Iterable<[string, string]> = headers
  for (const [name, value] of headers) texts.push(name, value)
  for (const name of headers.keys()) texts.push(name)
  headers.forEach((value, name) => { texts.push(name, value) })
  const made = new Request('http://a', { method: 'POST', body, headers, duplex: 'half', redirect: 'error' })
  const clone: Request = made.clone()
  const json = Response.json({ a: 1 }, { status: 201, headers: { a: 'b' } })
  const answer: Answer = { status: 200, late: false }
  const plain = new Response('a', answer)
  const moved: Response = Response.redirect('http://a', 302)
  const cookies: string[] = headers.getSetCookie()
  const reader = response.body?.getReader()
  const { value, done } = (await reader?.read()) ?? {}
  console.log(texts, entries, clone.method, json.ok, plain.status, moved.redirected, cookies, value, done, form.get('a'), Response.error().type, await response.json(), await plain.formData())
  const data: any = await json.json()
  console.log(data.a)
}

class Traced extends Agent {
  constructor (options?: Agent.Options) { super({ ...options, factory: (origin, opts) => new Pool(origin, opts as Pool.Options) }) }
  override dispatch (opts: Agent.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean { return super.dispatch(opts, handler) }
  override async close (): Promise<void> { await super.close() }
}
class Logged extends DecoratorHandler {}
class Own extends Client { override async destroy (): Promise<void> { await super.destroy() } }

const connector: buildConnector.connector = buildConnector({ rejectUnauthorized: false, maxCachedSessions: 1, allowH2: false, timeout: 1, socketPath: null, keepAlive: true })
const agent = new Agent({
  connect (opts: buildConnector.Options, callback: buildConnector.Callback) {
    connector(opts, (...args: buildConnector.CallbackArgs) => {
      const [error, socket] = args
      if (error) callback(error, null)
      else if (socket instanceof TLSSocket && socket.getPeerCertificate().fingerprint256 !== 'a') callback(new Error('pin'), null)
      else callback(null, socket as Socket | TLSSocket)
    })
  },
  connections: 10,
  pipelining: 1,
  maxOrigins: 5,
  keepAliveTimeout: 1
})
const pool = new Pool('http://a', { connections: null, clientTtl: null, factory: (origin, opts) => new Client(origin, opts) })
const balanced = new BalancedPool(['http://a', 'http://b'], { factory: (origin, opts) => new Pool(origin, opts) })
const upstreams: string[] = balanced.addUpstream('http://c').removeUpstream(new URL('http://b')).upstreams
const robin = new RoundRobinPool('http://a', { connections: 2 })
const numbers: number[] = [pool.stats.connected, pool.stats.free, pool.stats.pending, pool.stats.queued, pool.stats.running, pool.stats.size, robin.stats.size]
const figures: Record<string, { size: number }> = agent.stats
const proxy = new ProxyAgent({ uri: 'http://p', token: 'a', requestTls: { ca: 'a' }, proxyTls: { rejectUnauthorized: true }, headers: { a: 'b' }, clientFactory: (origin, opts) => new Client(origin, opts), proxyTunnel: true })
const env = new EnvHttpProxyAgent({ httpProxy: 'http://a', httpsProxy: 'http://b', noProxy: 'c', bodyTimeout: 1 })
const retrying = new RetryAgent(agent, { maxRetries: 1, retry: (error, { state, opts }, callback) => { console.log(state.counter, opts.method, opts.retryOptions?.maxRetries); callback(error) }, methods: ['GET'], statusCodes: [500], errorCodes: ['ECONNRESET'], minTimeout: 1, maxTimeout: 2, timeoutFactor: 2, retryAfter: true, throwOnError: false })
const retry: RetryHandler.RetryCallback = (error, context, callback) => { callback(context.state.counter > 1 ? error : null); return null }
const composed = agent.compose(
  interceptors.redirect({ maxRedirections: 1, throwOnMaxRedirect: true }), interceptors.retry({ maxRetries: 2, retry }), interceptors.dump({ maxSize: 1 }),
  interceptors.dns({ maxTTL: 1, dualStack: true, affinity: 4 }), interceptors.responseError(), interceptors.cache({ methods: ['GET'] }), interceptors.decompress(), interceptors.deduplicate()
)

async function called (): Promise<void> {
  setGlobalDispatcher(composed)
  const global: Dispatcher = getGlobalDispatcher()
  setGlobalOrigin(new URL('http://a'))
  const origin: URL | undefined = getGlobalOrigin()
  setGlobalOrigin(undefined)
  const { body, headers: { 'content-type': type, 'set-cookie': set } } = await request('http://a', { dispatcher: agent, method: 'POST', body: 'a', query: { a: 1 }, signal: new EventEmitter(), bodyTimeout: 1, headersTimeout: 1, headers: { a: 'b', c: undefined, d: ['e'] } })
  for await (const chunk of body) console.log(chunk)
  const pass = body.pipe(new PassThrough())
  body.setEncoding('utf8').on('data', (chunk: string) => { console.log(chunk) })
  await request(new URL('http://a'), { method: 'PUT', body: Readable.from(['a']) })
  await request(new URL('http://a'), { method: 'PUT', body: new FormData(), headers: ['a', 'b'] })
  await request({ protocol: 'http:', hostname: 'a', pathname: '/' } as import('node:url').UrlObject)
  await stream('http://a', { method: 'GET', opaque: 1 }, ({ opaque }) => { console.log(opaque); return pass })
  const duplex: Duplex = pipeline('http://a', { method: 'PUT' }, ({ body }) => body)
  const { socket, statusCode } = await connect('http://a')
  const switched = await upgrade('http://a', { protocol: 'b' })
  console.log(global, origin, type?.length, set, duplex, socket, statusCode, switched.headers, switched.socket)
  const raw: Record<string, string | string[]> = util.parseHeaders([Buffer.from('a'), Buffer.from('b')])
  const name: string = util.headerNameToString(Buffer.from('a'))
  const mime = parseMIMEType('a/b')
  const jar: Record<string, string> = getCookies(new Headers())
  const cookie: Cookie | null = parseCookie('a=b')
  setCookie(new Headers(), { name: 'a', value: 'b', sameSite: 'Lax', expires: new Date(), unparsed: [] })
  deleteCookie(new Headers(), 'a', { path: '/' })
  console.log(raw, name, mime === 'failure' ? '' : serializeAMimeType(mime), jar, cookie?.name, getSetCookies(new Headers()).map(({ httpOnly }) => httpOnly), await caches.keys())
  install()
}

const init: WebSocketInit = { protocols: ['a'], dispatcher: agent, headers: { a: 'b' } }
function socketed (): void {
  const socket = new WebSocket('ws://a', init)
  socket.binaryType = 'arraybuffer'
  socket.onmessage = (event) => { const data: string = event.data; console.log(data, event.origin) }
  socket.addEventListener('close', ({ code, reason, wasClean }) => { console.log(code + 1, reason, wasClean) })
  socket.addEventListener('error', (event) => { console.log(event.message, event.error) })
  socket.send(new Uint8Array(1))
  socket.close(1000, 'a')
  const source = new EventSource('http://a', { withCredentials: true, dispatcher: agent })
  source.onmessage = (event) => { console.log(event.data, event.lastEventId) }
  console.log(source.readyState === EventSource.OPEN, socket.readyState === WebSocket.OPEN, new MessageEvent('a', { data: 1 }).data, new CloseEvent('a', { code: 1 }).code, new ErrorEvent('a', { error: new Error('b'), message: 'c' }).message)
}

function iterated (pairs: SpecIterable<[string, string]>, one: SpecIterableIterator<string>, other: SpecIterator<string>): void {
  for (const [name] of pairs) console.log(name, one.next().value, other.next().done)
}

const thrown: errors.UndiciError[] = [
  new errors.SocketError('a'), new errors.ConnectTimeoutError(), new errors.HeadersTimeoutError('a'), new errors.BodyTimeoutError(), new errors.HeadersOverflowError(),
  new errors.RequestContentLengthMismatchError(), new errors.ClientDestroyedError(), new errors.ClientClosedError(), new errors.NotSupportedError(), new errors.BalancedPoolMissingUpstreamError(),
  new errors.InformationalError(), new errors.InvalidReturnValueError(), new errors.ResponseExceededMaxSizeError(), new errors.RequestRetryError('a', 500, { 'a': 'b' }, {}), new errors.SecureProxyConnectionError(new Error('a'), 'b')
]

console.log(undici.fetch, modes, fetched, Traced, Logged, Own, upstreams, numbers, figures, proxy, env, retrying, called, socketed, iterated, thrown)
