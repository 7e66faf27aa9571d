import { assertEquals } from "@std/assert";
import {
  bannerText,
  type InterfaceAddress,
  serverUrls,
} from "../../../../src/cli/serving/banner.ts";
import { VERSION } from "../../../../src/cli/version.ts";

const INTERFACES: InterfaceAddress[] = [
  { family: "IPv4", address: "127.0.0.1" },
  { family: "IPv6", address: "::1" },
  { family: "IPv4", address: "192.0.2.7" },
  { family: "IPv6", address: "2001:db8::7" },
  { family: "IPv6", address: "fe80::7" },
];

function urls(hostname: string, port = 8000): string[] {
  const address: Deno.NetAddr = { transport: "tcp", hostname, port };
  return serverUrls(address, () => INTERFACES);
}

Deno.test("serverUrls() gives what a browser can open", () => {
  const cases: [string, string[]][] = [
    ["127.0.0.1", ["http://127.0.0.1:8000/"]],
    ["::1", ["http://[::1]:8000/"]],
    ["0.0.0.0", ["http://localhost:8000/", "http://192.0.2.7:8000/"]],
    ["::", [
      "http://localhost:8000/",
      "http://192.0.2.7:8000/",
      "http://[2001:db8::7]:8000/",
    ]],
  ];
  for (const [hostname, expected] of cases) {
    assertEquals(urls(hostname), expected);
  }
  assertEquals(urls("127.0.0.1", 80), ["http://127.0.0.1/"]);
});

Deno.test("serverUrls() gives the scheme that the server speaks", () => {
  const address = { transport: "tcp", hostname: "::1", port: 443 } as const;
  assertEquals(serverUrls(address, () => [], "https"), ["https://[::1]/"]);
  assertEquals(serverUrls(address, () => []), ["http://[::1]:443/"]);
});

Deno.test("bannerText() colours the URLs for a terminal", () => {
  const text = bannerText(["http://a/", "http://b/"], "app.ts", true);
  assertEquals(text.split("\x1b[1;36m").length, 3);
  assertEquals(bannerText(["http://a/"], "app.ts").includes("\x1b"), false);
});

Deno.test({
  name: "serverUrls() asks for no permission when it has none",
  permissions: { sys: false },
  fn: () => {
    const address = {
      transport: "tcp",
      hostname: "0.0.0.0",
      port: 1,
    } as const;
    assertEquals(serverUrls(address), ["http://localhost:1/"]);
  },
});

Deno.test("bannerText() puts one URL a line", () => {
  assertEquals(
    bannerText(["http://localhost:1/", "http://192.0.2.7:1/"], "app.ts"),
    `Listening on http://localhost:1/
  network:   http://192.0.2.7:1/
Serving app.ts with httpserver ${VERSION}`,
  );
});
