"""Markup that would run a script, load something or take a form's words, in every way of saying it that we know.

Each calls `ran` or asks a host of its own; written for these tests after the families of the public cheat sheets.
"""
# ruff: noqa: E501 -- a vector a line

from __future__ import annotations

HOST = "canary.example"
_AT = f"//{HOST}"

# They end where they end: any number of them may stand in one body.
CONTAINED = (
    "<script>ran('script')</script>",
    f"<script src='{_AT}/s.js'></script>",
    "<SCRIPT/x>ran('slash')</SCRIPT\t>",
    "<scr<script>ipt>ran('nested')</scr</script>ipt>",
    "<img src=x onerror=ran('onerror')>",
    "<img src='x'onerror=ran('no-space')>",
    "<img/src=x/onerror=ran('slashes')>",
    "<img src=x\nonerror\n=\nran('lines')>",
    '<img src="x` `onerror=ran(1)" alt="`onerror=ran(\'backtick\')">',
    "<p onmouseover=ran('over') onfocus=ran('focus') tabindex=0 autofocus>events</p>",
    "<details open ontoggle=ran('toggle')><summary>x</summary>y</details>",
    "<video autoplay onloadstart=ran('video')><source onerror=ran('source')></video>",
    "<audio src=x onerror=ran('audio')></audio>",
    "<a href=javascript:ran('href')>plain</a>",
    "<a href=\"java&#9;script:ran('tab')\">tab</a>",
    "<a href=\"java&NewLine;script&colon;ran('entities')\">entities</a>",
    "<a href=\"&#1;&#14; javascript:ran('control')\">control</a>",
    "<a href=\"JaVaScRiPt&#58ran('no-semicolon')\">case</a>",
    "<a href='vbscript:ran(1)'>vb</a>",
    "<a href='data:text/html,<script>ran(1)</script>'>data</a>",
    '<a href="data:text/html;base64,PHNjcmlwdD5vcGVuZXIucmFuKDEpPC9zY3JpcHQ+">base64</a>',
    "<img src=\"javascript:ran('img')\">",
    "<svg onload=ran('svg')><path d='M0 0'/></svg>",
    f"<svg><script>ran('svg-script')</script><image href='{_AT}/i.svg'/><use href='{_AT}/u.svg#a'/></svg>",
    "<svg><a xlink:href=\"javascript:ran('xlink')\"><text y=20>svg link</text></a></svg>",
    "<svg><animate onbegin=ran('animate') attributeName=x dur=1s></svg>",
    "<svg><set attributeName=href to=javascript:ran(1)></svg>",
    "<math><maction actiontype='statusline#x' xlink:href=\"javascript:ran('math')\">m</maction></math>",
    f"<iframe src='{_AT}/frame'></iframe>",
    "<iframe srcdoc=\"<script>parent.ran('srcdoc')</script>\"></iframe>",
    "<iframe src=\"javascript:parent.ran('frame')\"></iframe>",
    f"<object data='{_AT}/o.swf'></object><embed src='{_AT}/e.swf'>",
    "<object data=\"data:text/html,<script>parent.ran('object')</script>\"></object>",
    f"<p style=\"background:url({_AT}/css); width:expression(ran('expression'))\">style</p>",
    f"<style>@import '{_AT}/import.css'; * {{ background: url({_AT}/all) }}</style>",
    f"<link rel=stylesheet href='{_AT}/l.css'><link rel=prefetch href='{_AT}/p'>",
    f"<meta http-equiv=refresh content='0;url={_AT}/refresh'>",
    f"<base href='{_AT}/'>",
    f"<form action='{_AT}/form' id=f><input name=q autofocus onfocus=ran('input')><button formaction=\"javascript:ran('formaction')\">Send</button></form>",
    f"<input type=image src='{_AT}/input.png' onerror=ran('input-image')>",
    "<isindex action=javascript:ran(1) type=image>",
    f"<table background='{_AT}/table.png'><tr><td background='{_AT}/td.png'>cell</td></tr></table>",
    f"<body onload=ran('body') background='{_AT}/body.png'>",
    "<marquee onstart=ran('marquee')>m</marquee>",
    "<a id=document name=cookie href=#x>clobber</a><a id=defaultView></a><img name=getElementById><a id=forms><a id=forms name=length href=ran:1></a>",
    "<p id=__proto__>proto</p><p id='\"><script>ran(1)</script>'>id</p>",
    "<template><script>ran('template')</script></template>",
    "<p title='--><img src=x onerror=ran(1)>'>title</p>",
    "&lt;img src=x onerror=ran('twice')&gt; &amp;lt;script&amp;gt;ran('thrice')&amp;lt;/script&amp;gt;",
    "<blockquote cite=\"javascript:ran('cite')\">cite</blockquote>",
    "<a href='https://ok.example/\"onmouseover=ran(1) x=\"'>quotes</a>",
    "<a ping='//canary.example/ping' target=_blank href='https://ok.example/'>ping</a>",
    "<portal src='//canary.example/portal'></portal><applet code=x archive='//canary.example/a.jar'></applet>",
    "\u003cscript\u003eran('unicode')\u003c/script\u003e \uff1cscript\uff1eran('full-width')\uff1c/script\uff1e",
)
# They open what they do not close, or change what they are when a browser reads them again: each needs a body alone.
OPEN = (
    "<!--<img src='--><img src=x onerror=ran(\"comment\")//'>",
    "<noscript><p title=\"</noscript><img src=x onerror=ran('noscript')>\">",
    "<svg></p><style><a id=\"</style><img src=1 onerror=ran('svg-style')>\">",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=ran('mglyph')&gt;\">",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=ran('form-math')>",
    "<textarea><p title='</textarea><img src=x onerror=ran(\"textarea\")>'>",
    "<title><a title='</title><svg onload=ran(\"title\")>'>",
    "<xmp><a title='</xmp><img src=x onerror=ran(\"xmp\")>'>",
    "<plaintext><img src=x onerror=ran('plaintext')>",
    "<svg><foreignObject><noembed><a title='</noembed><img src=x onerror=ran(\"foreign\")>'>",
    "<select><template><style><!--</style><a rel=\"--></style></template></select><img src=x onerror=ran('select')>\">",
    "<![CDATA[><img src=x onerror=ran('cdata')>]]>",
    "<?xml-stylesheet href=\"javascript:ran('pi')\"?><?><img src=x onerror=ran('bogus')>",
    "<a href='x' <img src=x onerror=ran('unclosed') ",
)
# For fields that are words: titles, names, labels, captions.
WORDS = (
    "<script>ran('words')</script>", "\"><img src=x onerror=ran('words')>", "'-ran(1)-'", "</title><svg onload=ran(2)>",
    "&lt;img src=x onerror=ran('decoded')&gt;", "{{constructor.constructor('ran(3)')()}}", "${ran(4)}", "]]><svg onload=ran(5)>",
)  # fmt: skip
SVG = "<svg xmlns='http://www.w3.org/2000/svg' onload=\"ran('svg file')\"><script>ran('svg file')</script></svg>"
