// A program typed against undici 7. types.test.js compiles it against that undici, and against this package instead.

import { Writable } from 'node:stream'
import { Client, Dispatcher, errors, DiagnosticsChannel, MockAgent, MockClient, mockErrors, MockPool, Interceptable, MockCallHistoryLog, SnapshotAgent } from 'undici7'

const options: Client.Options = { allowH2: true, maxConcurrentStreams: 10, interceptors: { Client: [] }, connect: { timeout: 1 } }
const client = new Client('http://localhost', options)

// A handler that speaks both generations, as wrappers of that time do.
class Both implements Dispatcher.DispatchHandler {
  handler: Dispatcher.DispatchHandler
  constructor (handler: Dispatcher.DispatchHandler) { this.handler = handler }
  onRequestStart (controller: Dispatcher.DispatchController, context: any) { this.handler.onRequestStart?.(controller, context) }
  onResponseData (controller: Dispatcher.DispatchController, chunk: Buffer) { this.handler.onResponseData?.(controller, chunk) }
  onConnect (abort: (err?: Error) => void): void { this.handler.onConnect?.(abort) }
  onHeaders (statusCode: number, headers: Buffer[], resume: () => void, statusText: string): boolean { return this.handler.onHeaders?.(statusCode, headers, resume, statusText) ?? true }
  onData (chunk: Buffer): boolean { return this.handler.onData?.(chunk) ?? true }
  onComplete (trailers: string[] | null): void { this.handler.onComplete?.(trailers) }
  onBodySent (chunkSize: number, totalBytesSent: number): void { this.handler.onBodySent?.(chunkSize, totalBytesSent) }
  onError (err: Error): void { this.handler.onError?.(err) }
  onUpgrade (statusCode: number, headers: Buffer[] | string[] | null, socket: import('node:stream').Duplex): void { this.handler.onUpgrade?.(statusCode, headers, socket) }
}

async function main (): Promise<void> {
  const data: Dispatcher.ResponseData<{ id: number }> = await client.request({ path: '/', method: 'LINK', opaque: { id: 1 }, throwOnError: true, headers: new Map([['a', 'b']]) })
  const custom: Dispatcher.HttpMethod = 'PROPFIND'
  const streamed: Dispatcher.StreamData<string> = await client.stream({ path: '/', method: custom, opaque: 'a' }, () => new Writable())
  const options: Dispatcher.RequestOptions<number> = { path: '/', method: 'GET', opaque: 1 }
  console.log(data.opaque.id, streamed.opaque.length, options.opaque, data.statusText)
  await data.body.dump()
}

function onChunk ({ request, chunk }: DiagnosticsChannel.RequestBodyChunkReceivedMessage): void { console.log(request.path, chunk.byteLength) }

console.log(Both, main, onChunk, new errors.ResponseError('a', 500, { body: 'b' }).statusCode, errors.MaxOriginsReachedError, new errors.Socks5ProxyError('a', 'b').code)

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
