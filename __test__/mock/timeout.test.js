'use strict'

// The timeout of an exchange as a whole, where nothing is sent: what a program does about it can be tried with a mock.

const { test } = require('node:test')
const assert = require('node:assert')
const { MockAgent, errors } = require('../..')

const origin = 'http://a.test'

function mocked (t) {
  const agent = new MockAgent()
  agent.disableNetConnect()
  t.after(() => agent.close())
  return { agent, pool: agent.get(origin) }
}

const timersOf = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length

test('a reply that is delayed for longer is a TimeoutError', async (t) => {
  const { agent, pool } = mocked(t)
  pool.intercept({ path: '/' }).reply(200, 'late').delay(60_000)
  const before = timersOf()
  await assert.rejects(agent.request({ origin, path: '/', method: 'GET', timeout: 20 }), (error) => {
    assert.ok(error instanceof errors.TimeoutError)
    assert.strictEqual(error.message, 'Timeout Error (timeout: 20ms)')
    return true
  })
  assert.strictEqual(timersOf(), before)
})

test('so is one whose function does not come to an end, and what it says afterwards is heard by nobody', async (t) => {
  const { agent, pool } = mocked(t)
  let answer
  pool.intercept({ path: '/' }).reply(() => new Promise((resolve) => { answer = resolve }))
  await assert.rejects(agent.request({ origin, path: '/', method: 'GET', timeout: 20 }), { code: 'UND_ERR_TIMEOUT' })
  answer({ statusCode: 200, data: 'late' })
  await new Promise((resolve) => setImmediate(resolve))
})

test('nothing is left of it where the reply comes in time', async (t) => {
  const { agent, pool } = mocked(t)
  pool.intercept({ path: '/' }).reply(200, 'fine')
  const before = timersOf()
  const { body } = await agent.request({ origin, path: '/', method: 'GET', timeout: 60_000 })
  assert.strictEqual(await body.text(), 'fine')
  assert.strictEqual(timersOf(), before)
})
