// The types of the mocks.

import { expectAssignable, expectError, expectType } from 'tsd'
import * as undici8 from 'undici8'
import {
  Agent, Client, Dispatcher, errors, Interceptable, MockAgent, MockCallHistory, MockCallHistoryLog, MockClient, mockErrors,
  MockPool, Pool, setGlobalDispatcher, SnapshotAgent
} from '../..'

const agent = new MockAgent({ agent: new Agent(), connections: 1, ignoreTrailingSlash: true, acceptNonStandardSearchParameters: true, enableCallHistory: true })
expectAssignable<Dispatcher>(agent)
setGlobalDispatcher(agent)
expectError(new MockAgent({ enableCallHistory: 'yes' }))
expectType<boolean>(agent.isMockActive)

expectAssignable<Interceptable>(agent.get('http://a'))
expectType<MockPool>(agent.get<MockPool>(/a/))
expectType<MockClient>(agent.get<MockClient>((origin) => origin === 'http://a'))
expectType<void>(agent.disableNetConnect())
expectType<void>(agent.enableNetConnect())
agent.enableNetConnect('a')
agent.enableNetConnect(/a/)
agent.enableNetConnect((host) => host === 'a')
expectError(agent.enableNetConnect(1))
expectType<MockAgent.PendingInterceptor[]>(agent.pendingInterceptors())
agent.assertNoPendingInterceptors({ pendingInterceptorsFormatter: { format: (list) => `${list[0].origin}${list[0].times}` } })
expectType<Promise<void>>(agent.close())

const pool = agent.get('http://a')
const interceptor = pool.intercept({ path: '/', method: /GET/, body: (body) => body === '', headers: { a: 'b', c: /d/ }, query: { e: 1 }, ignoreTrailingSlash: true })
pool.intercept({ path: (path) => path === '/', headers: (headers) => headers.a === 'b' })
expectError(pool.intercept({ method: 'GET' }))
interceptor.reply(200)
interceptor.reply(200, 'text').delay(1).times(2).persist()
interceptor.reply(200, Buffer.from('octets'), { headers: { a: ['b', 'c'] }, trailers: { d: 'e' } })
interceptor.reply(200, { an: 'object' })
interceptor.reply(200, ({ path, method, body }) => `${path}${method}${body}`)
interceptor.reply(({ path }) => ({ statusCode: 200, data: path, responseOptions: { headers: {} } }))
interceptor.reply(async () => ({ statusCode: 200 }))
interceptor.replyWithError(new Error('no')).times(1)
interceptor.defaultReplyHeaders({ a: 'b' }).defaultReplyTrailers({ c: 'd' }).replyContentLength()
expectError(interceptor.reply('200'))
expectType<void>(pool.cleanMocks())

expectAssignable<Client>(new MockClient('http://a', { agent }))
expectAssignable<Pool>(new MockPool('http://a', { agent, connections: 2 }))
expectError(new MockPool('http://a', {}))

const error = new mockErrors.MockNotMatchedError('message')
expectAssignable<errors.UndiciError>(error)
expectType<'UND_MOCK_ERR_MOCK_NOT_MATCHED'>(error.code)

expectType<MockCallHistory | undefined>(agent.getCallHistory())
expectType<MockAgent>(new MockAgent().enableCallHistory())
declare const history: MockCallHistory
expectType<MockCallHistoryLog[]>(history.filterCalls({ path: '/', method: /GET/ }, { operator: 'and' }))
expectType<MockCallHistoryLog[]>(history.filterCalls((log) => log.fullUrl === '/'))
expectType<MockCallHistoryLog | undefined>(history.nthCall(1))
for (const log of history) {
  expectType<MockCallHistoryLog>(log)
}

const snapshots = new SnapshotAgent({ mode: 'update', snapshotPath: 'a.json', matchHeaders: ['a'], excludeUrls: ['b', /c/], normalizeQuery: (query) => String(query) })
expectAssignable<MockAgent>(snapshots)
expectError(new SnapshotAgent({ mode: 'rewind' }))
expectType<'record' | 'playback' | 'update'>(snapshots.getMode())
expectType<number>(snapshots.getRecorder().size())
expectType<number | undefined>(snapshots.getSnapshotInfo({})?.callCount)

// What is written for undici's goes on.
expectAssignable<undici8.Dispatcher>(agent)
expectAssignable<undici8.MockAgent.Options>({ enableCallHistory: true })
declare const log: MockCallHistoryLog
expectAssignable<undici8.MockCallHistoryLog>(log)
declare const theirOptions: undici8.SnapshotAgent.Options
expectAssignable<string | undefined>(theirOptions.snapshotPath)
