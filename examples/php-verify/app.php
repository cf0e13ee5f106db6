<?php
// A program with its own users, in PHP without packages. Oneseat keeps each of them on one device.
//
//   ONESEAT_URL=http://127.0.0.1:3000 ONESEAT_KEY=osk_… php -S 127.0.0.1:4000 app.php
//
// Oneseat runs with ACCOUNTS=external. Make the key with: oneseat keys add shop --scope sign-in

const USERS = [ // each hash is what password_hash() gave for a password
    'ann' => ['id' => 'crm:17', 'name' => 'Ann', 'roles' => ['editor'], 'hash' => '$2y$10$i9rt2JtfASBlTXrjRk9UGu.t3ZrSVSR6bWfaxuG6yR89BE9CoHIOO'],
    'bob' => ['id' => 'crm:18', 'name' => 'Bob', 'roles' => [], 'hash' => '$2y$10$r7oL2jwsTcof.rJ0DgPAN.6rvnAF5nVEN6aSqydo7IoGaYhg6suCS'],
];

/** The user of this request. Without a live session, or without one of the roles, this sends the answer and exits. */
function require_session(string ...$roles): array
{
    $query = implode('&', array_map(fn ($role) => 'role=' . rawurlencode($role), $roles));
    $cookie = $_SERVER['HTTP_COOKIE'] ?? '';
    [$status, $answer] = ask("/verify?$query", ['header' => ["Cookie: $cookie", 'Accept: application/json']]);
    if ($status !== 200) respond($status, $answer); // it says why, such as session_replaced
    return $answer['user'];
}

/** Tells Oneseat who has signed in, and sets the cookies in the browser. */
function sign_in(array $user): never
{
    $body = [
        'user' => array_intersect_key($user, ['id' => 1, 'name' => 1, 'roles' => 1]),
        'userAgent' => $_SERVER['HTTP_USER_AGENT'] ?? '',
        'presented' => $_SERVER['HTTP_COOKIE'] ?? '', // the same browser replaces itself
        'ip' => $_SERVER['REMOTE_ADDR'],
    ];
    $header = ['Authorization: Bearer ' . getenv('ONESEAT_KEY'), 'Content-Type: application/json'];
    [$status, $answer] = ask('/sessions', ['method' => 'POST', 'header' => $header, 'content' => json_encode($body)]);
    if ($status !== 201) respond($status, $answer);
    foreach ($answer['setCookie'] as $line) header("Set-Cookie: $line", false);
    respond(200, ['replaced' => $answer['replaced']]);
}

/** Gives status and body. If there is no answer: 503 and not 401, so that no client throws a good cookie away. */
function ask(string $path, array $http): array
{
    $context = stream_context_create(['http' => $http + ['ignore_errors' => true, 'timeout' => 5]]);
    $text = @file_get_contents(getenv('ONESEAT_URL') . $path, false, $context);
    if ($text === false) return [503, ['code' => 'unavailable']];
    return [(int) explode(' ', $http_response_header[0])[1], json_decode($text, true)];
}

function respond(int $status, array $body): never
{
    http_response_code($status);
    header('Content-Type: application/json');
    exit(json_encode($body));
}

switch ($_SERVER['REQUEST_METHOD'] . ' ' . parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH)) {
    case 'POST /login':
        $given = json_decode(file_get_contents('php://input'), true);
        $user = USERS[(string) ($given['username'] ?? '')] ?? null;
        if ($user === null || !password_verify((string) ($given['password'] ?? ''), $user['hash']))
            respond(401, ['code' => 'invalid_credentials']);
        sign_in($user);
    case 'GET /orders':
        respond(200, ['ordersOf' => require_session()['name']]);
    case 'GET /reports':
        respond(200, ['reportsFor' => require_session('admin', 'editor')['name']]);
    default:
        respond(404, ['code' => 'not_found']);
}
