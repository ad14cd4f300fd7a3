// SPDX-License-Identifier: Apache-2.0
// Paints a pool in Hawtio into a file; called by hawtio.sh, which starts what this looks at.
import { chromium } from "playwright-core";

const [hawtio, jolokiaPort, application, pool, file] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run"],
});
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
  await page.goto(hawtio);
  await page.evaluate((port) => {
    const connection = { id: "run", name: "run", scheme: "http", host: "127.0.0.1", port: Number(port), path: "/jolokia" };
    localStorage.setItem("connect.connections", JSON.stringify({ run: connection }));
    sessionStorage.setItem("connect.currentConnection", JSON.stringify("run"));
  }, jolokiaPort);
  await page.goto(`${hawtio}/jmx?con=run`);
  for (const name of ["serpentry", application, pool]) {
    await page.getByText(name, { exact: true }).first().click({ timeout: 60_000 });
  }
  await page.getByText("StatusReason").first().waitFor({ timeout: 60_000 });
  await page.screenshot({ path: file });
} finally {
  await browser.close();
}
