// A program typed against undici 6. types.test.js compiles it against that undici, and against this package instead.

import { EventEmitter } from 'events'
import { Readable, Writable } from 'stream'
import undici, { Client, Dispatcher, errors, DiagnosticsChannel, MockAgent, MockClient, mockErrors, MockPool, Interceptable } from 'undici6'

const options: Client.Options = { maxRedirections: 0, pipelining: 1, connect: { timeout: 1, rejectUnauthorized: false }, webSocket: { maxPayloadSize: 1 } }
const client = new Client('http://localhost', options)
const { Client: Another } = undici

const handlers: Dispatcher.DispatchHandlers = {
  onConnect (abort) { abort(); abort(new Error('a')) },
  onError (err) { console.log(err.message) },
  onUpgrade (statusCode, headers, socket) { console.log(statusCode, headers, socket.destroyed) },
  onResponseStarted () {},
  onHeaders (statusCode, headers, resume, statusText) { resume(); console.log(statusCode + 1, headers.map(each => each.toString('latin1')), statusText.length); return true },
  onData (chunk) { return chunk.byteLength > 0 },
  onComplete (trailers) { console.log(trailers === null ? 0 : trailers.length) },
  onBodySent (chunkSize, totalBytesSent) { console.log(chunkSize + totalBytesSent) }
}

class Wrapper implements Dispatcher.DispatchHandlers {
  #handler: Dispatcher.DispatchHandlers
  constructor (handler: Dispatcher.DispatchHandlers) { this.#handler = handler }
  onConnect (abort: () => void): void { this.#handler.onConnect!(abort) }
  onHeaders (statusCode: number, headers: Buffer[], resume: () => void, statusText: string): boolean { return this.#handler.onHeaders!(statusCode, headers, resume, statusText) }
  onData (chunk: Buffer): boolean { return this.#handler.onData!(chunk) }
  onComplete (trailers: string[] | null): void { this.#handler.onComplete!(trailers) }
  onError (error: Error): void { this.#handler.onError!(error) }
  onBodySent (chunkSize: number, total: number): void { this.#handler.onBodySent!(chunkSize, total) }
}

interface Retrying extends Dispatcher.DispatchHandlers { attempts: number }

async function main (): Promise<void> {
  const withOpaque: Dispatcher.RequestOptions = { path: '/', method: 'GET', opaque: { a: 1 }, signal: new EventEmitter(), throwOnError: true, responseHeader: 'raw', maxRedirections: 0, headers: [['a', 'b']] }
  const data: Dispatcher.ResponseData = await client.request(withOpaque)
  const opaque = data.opaque as { a: number }
  const { body }: { body: Readable } = data
  const headers: Record<string, string | string[] | undefined> = data.headers
  await client.stream({ path: '/', method: 'POST', opaque: new Writable(), body: null }, ({ opaque }) => opaque as Writable)
  const handler: Dispatcher.PipelineHandler = ({ body, opaque }) => { console.log(opaque); return body }
  client.pipeline({ path: '/', method: 'GET', opaque: 1 }, handler).end()
  const tunnel: Dispatcher.ConnectData = await client.connect({ path: 'a:1', opaque: 5 })
  const options: Dispatcher.ConnectOptions = { origin: 'http://a', path: 'a:1', redirectionLimitReached: false }
  const upgraded: Dispatcher.UpgradeData = await client.upgrade({ path: '/', maxRedirections: 0 })
  console.log(opaque.a, body, headers, tunnel.opaque, options.origin.toString(), upgraded.opaque)
}

const logging: Dispatcher.DispatcherComposeInterceptor = dispatch => function (opts, handler) { return dispatch(opts, new Wrapper(handler)) }
const composed: Dispatcher = client.compose(logging)

function status (error: unknown): number | string {
  if (error instanceof errors.ResponseStatusCodeError) return error.status + error.statusCode
  return new errors.ResponseStatusCodeError('a', 404, { a: 'b' }, null).code
}

function onCreate (message: DiagnosticsChannel.RequestCreateMessage): void { console.log(message.request.headers) }

client.on('disconnect', (_origin: import('url').URL, _targets: readonly Dispatcher[], error: errors.UndiciError) => { console.log(error.code) })
client.dispatch({ path: '/', method: 'GET' }, handlers)
console.log(main, composed, status, onCreate, Another, ((each: Retrying) => each.attempts))

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

console.log(mocked)
