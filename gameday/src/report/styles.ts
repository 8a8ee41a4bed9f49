import { Markup } from './html.ts';

/** The report's style sheet: light and dark by the reader's setting; it loads no font and no image. Outcomes and percentiles have the dashboard's colours. */
export const styles = new Markup(`
:root { color-scheme: light dark;
  --bg: #f6f7f9; --card: #fff; --text: #16202c; --soft: #5b6776; --line: #dde2e8; --fault: #b4530914; --fault-edge: #b45309;
  --pass: #15803d; --fail: #b91c1c; --open: #a16207; --confirmed: #178a52; --queued: #c07f12; --refused: #c53a30; --unknown: #667085;
  --p50: #2f63d0; --p95: #7a45c9; --p99: #a3267f; }
@media (prefers-color-scheme: dark) { :root {
  --bg: #10151b; --card: #19212a; --text: #e6ebf0; --soft: #9aa7b5; --line: #2c3742; --fault: #f59e0b1c; --fault-edge: #f5b041;
  --pass: #4ade80; --fail: #f87171; --open: #facc15; --confirmed: #4cc38a; --queued: #f0b04a; --refused: #ff7d72; --unknown: #98a2b3;
  --p50: #7fa9ff; --p95: #bd9bff; --p99: #f08ccf; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 28px 20px 60px; }
h1 { font-size: 26px; line-height: 1.2; margin: 0; } h2 { font-size: 17px; margin: 34px 0 10px; }
p { margin: 6px 0; } .soft { color: var(--soft); } code, .mono { font: 13px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
.verdict { background: var(--card); border: 1px solid var(--line); border-left: 6px solid var(--tone); border-radius: 8px; padding: 20px 22px; margin-bottom: 18px; }
.verdict .word { color: var(--tone); font-weight: 700; font-size: 15px; letter-spacing: .08em; }
.verdict ul { margin: 8px 0 0; padding-left: 20px; }
.PASS { --tone: var(--pass); } .FAIL { --tone: var(--fail); } .INCONCLUSIVE { --tone: var(--open); }
.figures { display: grid; grid-template-columns: repeat(4, 1fr); gap: 10px; }
.figures div, .card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 12px 14px; }
.figures b { display: block; font-size: 21px; font-variant-numeric: tabular-nums; } .figures span { color: var(--soft); font-size: 13px; }
.chart { margin: 0 0 12px; background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 12px 12px 6px; }
.chart figcaption { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 4px 16px; font-size: 14px; font-weight: 600; padding: 0 4px 6px; }
.chart .plot { overflow-x: auto; } .chart svg { display: block; width: 100%; min-width: 620px; height: auto; } .legend { display: flex; flex-wrap: wrap; gap: 2px 14px; font-weight: 400; color: var(--soft); font-size: 13px; }
.legend i { display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin-right: 5px; background: var(--c); }
.confirmed { --c: var(--confirmed); } .queued { --c: var(--queued); } .refused { --c: var(--refused); } .unknown { --c: var(--unknown); }
.p50 { --c: var(--p50); } .p95 { --c: var(--p95); } .p99 { --c: var(--p99); }
.area { fill: var(--c); opacity: .85; } .line { fill: none; stroke: var(--c); stroke-width: 1.8; stroke-linejoin: round; }
.fault { fill: var(--fault); stroke: var(--fault-edge); stroke-opacity: .35; stroke-width: 1; } .grid { stroke: var(--line); } .end { stroke: var(--soft); stroke-dasharray: 3 4; }
.axis { fill: var(--soft); font: 12px system-ui, sans-serif; }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; } th, td { text-align: left; padding: 7px 12px; vertical-align: top; }
th { color: var(--soft); font-weight: 500; font-size: 13px; } tr + tr td { border-top: 1px solid var(--line); } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.yes { color: var(--pass); font-weight: 600; } .no { color: var(--fail); font-weight: 600; }
.mix { display: flex; height: 22px; border-radius: 6px; overflow: hidden; margin: 4px 0 10px; } .mix i { background: var(--c); min-width: 2px; }
details { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 10px 14px; margin-bottom: 8px; }
summary { cursor: pointer; } summary b { color: var(--fail); margin-right: 6px; } details pre { overflow-x: auto; font: 12.5px/1.5 ui-monospace, monospace; margin: 8px 0; }
.lanes text { font: 13px system-ui, sans-serif; fill: var(--text); } .lanes .bar { fill: var(--fault-edge); opacity: .85; } .lanes .rec { fill: var(--p95); opacity: .45; }
@media (max-width: 600px) { main { padding: 16px 12px 40px; } h1 { font-size: 21px; } .figures { grid-template-columns: 1fr 1fr; } .axis { font-size: 17px; } .lanes text { font-size: 17px; } th, td { padding: 7px 8px; } }
@media print { body { background: #fff; } details { break-inside: avoid; } }
`);
