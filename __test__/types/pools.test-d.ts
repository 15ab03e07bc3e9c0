// The types of the dispatchers above a Client, of the calls as functions, and of the global dispatcher.

import { Duplex } from 'node:stream'
import { URL } from 'node:url'
import { expectAssignable, expectError, expectType } from 'tsd'
import * as undici8 from 'undici8'
import {
  Agent, BalancedPool, Client, Dispatcher, Dispatcher1Wrapper, Pool, RoundRobinPool,
  connect, getGlobalDispatcher, pipeline, request, setGlobalDispatcher, stream, upgrade
} from '../..'

expectAssignable<Dispatcher>(new Pool('http://localhost'))
expectType<Pool>(new Pool(new URL('http://localhost'), {
  connections: null, clientTtl: 1, keepAliveTimeout: 1, factory: (origin, options) => new Client(origin, options)
}))
expectError(new Pool())
expectError(new Pool('http://localhost', { connections: '1' }))
class Mine extends Pool {}
expectAssignable<Pool>(new Mine('http://localhost'))

declare const pool: Pool
expectType<boolean>(pool.closed)
expectType<number>(pool.stats.free)
expectType<number>(pool.stats.queued)
expectError(pool.closed = true)

expectType<RoundRobinPool>(new RoundRobinPool('http://localhost', { connections: 2 }))
expectType<BalancedPool>(new BalancedPool(['http://a', new URL('http://b')], { maxWeightPerServer: 1, errorPenalty: 1 }))
declare const balanced: BalancedPool
expectType<BalancedPool>(balanced.addUpstream('http://a').removeUpstream('http://b'))
expectType<Pool | undefined>(balanced.getUpstream('http://a'))
expectType<string[]>(balanced.upstreams)

expectType<Agent>(new Agent())
expectType<Agent>(new Agent({ maxOrigins: 1, connections: 1, factory: (origin, options) => new Pool(origin, options) }))
declare const agent: Agent
expectType<number>(agent.stats['http://a'].size)
expectType<Dispatcher.ComposedDispatcher>(agent.compose((dispatch) => dispatch))

expectType<Promise<Dispatcher.ResponseData<null>>>(request('http://a'))
expectType<Promise<Dispatcher.ResponseData<null>>>(request(new URL('http://a'), { method: 'POST', body: 'x', dispatcher: pool }))
expectType<void>(request('http://a', { headers: { a: 'b' } }, (error, { statusCode }) => [error, statusCode]))
expectType<Promise<Dispatcher.StreamData<null>>>(stream('http://a', { method: 'GET' }, () => process.stdout))
expectType<Duplex>(pipeline('http://a', { method: 'GET' }, ({ body }) => body))
expectType<Promise<Dispatcher.ConnectData<null>>>(connect('http://a'))
expectType<Promise<Dispatcher.UpgradeData<null>>>(upgrade('http://a', { protocol: 'x' }))
expectError(request('http://a', 5))

expectType<void>(setGlobalDispatcher(agent))
expectType<Dispatcher>(getGlobalDispatcher())
expectError(setGlobalDispatcher({}))
expectType<Dispatcher1Wrapper>(new Dispatcher1Wrapper(agent))

expectAssignable<undici8.Dispatcher>(agent)
expectAssignable<undici8.Dispatcher>(pool)
