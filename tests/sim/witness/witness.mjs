// An independent witness: the npm package node-signalr (classic SignalR 2) subscribes to the live events of
// a Net2 server and prints what it hears, one JSON object a line.
//
//   node witness.mjs --url https://127.0.0.1:8443 --token T [--insecure] [--door ID]… [--report ID] [--count N] [--for SECONDS]
//
// Without --token it signs in: --user, --password, --client-id. TLS is verified against NODE_EXTRA_CA_CERTS
// unless --insecure is given. Lines: {"witness":"subscribed"} once all subscriptions are confirmed, then
// {"push":"liveEvents","event":{…}} and so on; exit status 0 after --count events or --for seconds, 1 on trouble.

import https from 'node:https';
import { parseArgs } from 'node:util';
import { Client } from 'node-signalr';

const { values: options } = parseArgs({
  options: {
    url: { type: 'string' },
    token: { type: 'string' },
    user: { type: 'string', default: 'Gateway Service' },
    password: { type: 'string', default: 'gatehouse-sim' },
    'client-id': { type: 'string', default: '0f0e0d0c-1111-4222-8333-444455556666' },
    door: { type: 'string', multiple: true, default: [] },
    report: { type: 'string' },
    insecure: { type: 'boolean', default: false },
    count: { type: 'string' },
    for: { type: 'string' },
  },
});

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const fail = (why) => {
  process.stderr.write(`witness: ${why}\n`);
  process.exit(1);
};
if (!options.url) fail('--url is missing');
if (options.insecure) {
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  process.removeAllListeners('warning');
  process.on('warning', () => {});
}

function signIn() {
  const body = new URLSearchParams({
    username: options.user,
    password: options.password,
    grant_type: 'password',
    client_id: options['client-id'],
  }).toString();
  return new Promise((resolve, reject) => {
    const request = https.request(`${options.url}/api/v1/authorization/tokens`, { method: 'POST' }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => (text += chunk));
      answer.on('end', () =>
        answer.statusCode === 200 ? resolve(JSON.parse(text).access_token) : reject(new Error(`sign-in: ${answer.statusCode}`)),
      );
    });
    request.setHeader('Content-Type', 'application/x-www-form-urlencoded');
    request.on('error', reject);
    request.end(body);
  });
}

const token = options.token ?? (await signIn().catch((error) => fail(error.message)));
const hub = 'eventHubLocal';
const client = new Client(`${options.url}/signalr`, [hub]);
client.qs = { token };
client.reconnectDelayTime = 500;

let heard = 0;
const finish = () => {
  client.end();
  setTimeout(() => process.exit(0), 100); // lets the abort request out
};
for (const push of ['liveEvents', 'doorEvents', 'doorStatusEvents', 'rollCallEvents']) {
  client.connection.hub.on(hub, push, (argument) => {
    for (const event of Array.isArray(argument) ? argument : [argument]) {
      say({ push, event });
      heard += 1;
      if (options.count && heard >= Number(options.count)) finish();
    }
  });
}

client.on('connected', async () => {
  try {
    await client.connection.hub.call(hub, 'subscribeToLiveEvents');
    for (const door of options.door) {
      await client.connection.hub.call(hub, 'subscribeToDoorEvents', door);
      await client.connection.hub.call(hub, 'subscribeToDoorStatusEvents', Number(door));
    }
    if (options.report) await client.connection.hub.call(hub, 'subscribeToRollCallEvents', options.report);
    say({ witness: 'subscribed' });
  } catch (error) {
    fail(`subscribe: ${error}`);
  }
});
client.on('reconnecting', (attempt) => say({ witness: 'reconnecting', attempt }));
client.on('disconnected', (reason) => say({ witness: 'disconnected', reason }));
client.on('error', (error) => {
  process.stderr.write(`witness: ${error.code}: ${error.message}\n`);
  if (error.code === 'UNAUTHORIZED') process.exit(1);
});
client.start();
if (options.for) setTimeout(finish, Number(options.for) * 1000);
