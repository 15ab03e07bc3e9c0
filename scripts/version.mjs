// The `version` step of `npm version`: gives the version in package.json to the packages under npm/ and to Cargo, and
// adds the changed files to npm's commit.

import { readFileSync, writeFileSync } from 'node:fs'
import { main, root, run } from './setup.mjs'

main(() => {
  const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))
  const manifest = readFileSync(`${root}Cargo.toml`, 'utf8')
  writeFileSync(`${root}Cargo.toml`, manifest.replace(/^version = ".*"$/m, `version = "${version}"`))
  run('cargo', ['update', '--workspace', '--offline'])
  run(process.execPath, ['node_modules/@napi-rs/cli/dist/cli.js', 'version'])
  run('git', ['add', 'Cargo.toml', 'Cargo.lock', 'npm'])
})
