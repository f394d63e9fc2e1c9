<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>latent_studio</name>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Open model…</source>
        <translation>打开模型…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Open a model file</source>
        <translation>打开模型文件</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <location filename="../../latent_studio/ui/canvas/stage.py"/>
        <source>Get models…</source>
        <translation>获取模型…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Get published models from the web</source>
        <translation>从网上获取他人发布的模型</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Open picture’s scene…</source>
        <translation>打开图像中的场景…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Restore the scene that an exported PNG carries</source>
        <translation>恢复导出的 PNG 中保存的场景</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Open session…</source>
        <translation>打开会话…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Open a scene with its timeline and layout</source>
        <translation>打开场景及其时间线和布局</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Save session</source>
        <translation>保存会话</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Save scene, timeline and layout as a document</source>
        <translation>将场景、时间线和布局保存为文档</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Save session as…</source>
        <translation>会话另存为…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Save the session as another document</source>
        <translation>将会话保存为另一个文档</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Find photographs…</source>
        <translation>查找照片…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Find own photographs in the model, to edit them</source>
        <translation>在模型中找到自己的照片，以便编辑</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Copy picture</source>
        <translation>复制图像</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Copy the picture to the clipboard</source>
        <translation>将图像复制到剪贴板</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <location filename="../../latent_studio/ui/docks/direction_menu.py"/>
        <location filename="../../latent_studio/ui/widgets/export_dialog.py"/>
        <source>Export…</source>
        <translation>导出…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Export an image, a grid or a video</source>
        <translation>导出图像、网格图或视频</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Close the program</source>
        <translation>关闭程序</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <location filename="../../latent_studio/ui/docks/directions_dock.py"/>
        <source>Reset sliders</source>
        <translation>重置滑块</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Every direction and component back to zero</source>
        <translation>所有方向和分量归零</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Settings…</source>
        <translation>设置…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <location filename="../../latent_studio/ui/docks/training_tabs.py"/>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <location filename="../../latent_studio/ui/docks/latent_dock.py"/>
        <source>Random</source>
        <translation>随机</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>A random seed</source>
        <translation>随机种子</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Previous seed</source>
        <translation>上一个种子</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>The seed before</source>
        <translation>前一个种子</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Next seed</source>
        <translation>下一个种子</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>The seed after</source>
        <translation>后一个种子</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <location filename="../../latent_studio/ui/docks/gallery_dock.py"/>
        <location filename="../../latent_studio/ui/gallery_controller.py"/>
        <source>Bookmark</source>
        <translation>加入书签</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Keep what is shown in the gallery</source>
        <translation>把当前画面收藏到图库</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <location filename="../../latent_studio/ui/timeline_state.py"/>
        <source>Add keyframe</source>
        <translation>添加关键帧</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Add what is shown to the timeline</source>
        <translation>把当前画面加入时间线</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Play / pause timeline</source>
        <translation>播放/暂停时间线</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Play the timeline on the canvas, or rest</source>
        <translation>在画布上播放时间线，或暂停</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <location filename="../../latent_studio/ui/random_walk.py"/>
        <source>Random walk</source>
        <translation>随机漫步</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Walk on and on through the model’s latents; again to stop there</source>
        <translation>在模型的潜空间中不停漫步；再按一次停在当前位置</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Walk faster</source>
        <translation>走得更快</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Walk half as fast again</source>
        <translation>速度提高一半</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Walk slower</source>
        <translation>走得更慢</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Walk at two thirds of the speed</source>
        <translation>速度降到三分之二</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <location filename="../../latent_studio/ui/widgets/discover_dialog.py"/>
        <source>Discover directions</source>
        <translation>发现方向</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Search the principal components of this model</source>
        <translation>搜索该模型的主成分</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Start / pause training</source>
        <translation>开始/暂停训练</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Start a training, pause it, or go on</source>
        <translation>开始训练、暂停或继续</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Stop training</source>
        <translation>停止训练</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Save and end the training</source>
        <translation>保存并结束训练</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Live</source>
        <translation>实时</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Live: the picture follows the model in training</source>
        <translation>实时：画面跟随正在训练的模型</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <location filename="../../latent_studio/ui/widgets/export_dialog.py"/>
        <source>Grid</source>
        <translation>网格</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Several seeds side by side</source>
        <translation>并排显示多个种子</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <location filename="../../latent_studio/ui/docks/gallery_dock.py"/>
        <source>Compare</source>
        <translation>对比</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Pin this picture as A and compare (hold C: the picture unedited)</source>
        <translation>把当前图像固定为 A 并对比（按住 C：未经编辑的图像）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Move</source>
        <translation>移动</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Drag the picture to move what it shows; drag its handle, or hold Shift, to turn it</source>
        <translation>拖动图像可移动其中的内容；拖动手柄或按住 Shift 可旋转</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <location filename="../../latent_studio/ui/drag_controller.py"/>
        <source>Drag points</source>
        <translation>拖拽点</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Drag points of the picture to where they should be</source>
        <translation>把图像上的点拖到目标位置</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Fit</source>
        <translation>适合窗口</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Fit the picture into the window</source>
        <translation>缩放图像以适合窗口</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Actual size</source>
        <translation>实际大小</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>One to one</source>
        <translation>一比一显示</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Zoom in</source>
        <translation>放大</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Zoom out</source>
        <translation>缩小</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Full screen</source>
        <translation>全屏</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>The picture alone on the whole screen</source>
        <translation>整个屏幕只显示图像</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Reset layout</source>
        <translation>重置布局</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Docks back to their places</source>
        <translation>面板回到原来的位置</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Messages…</source>
        <translation>消息…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>All messages of this session</source>
        <translation>本次运行的全部消息</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>User guide…</source>
        <translation>用户指南…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <location filename="../../latent_studio/ui/widgets/guide_dialog.py"/>
        <source>What the window can do, and how</source>
        <translation>介绍窗口的功能和用法</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Keys…</source>
        <translation>快捷键…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>All keys</source>
        <translation>全部快捷键</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <location filename="../../latent_studio/ui/dialogs.py"/>
        <source>About Latent Studio</source>
        <translation>关于 Latent Studio</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/actions.py"/>
        <source>Version and licence</source>
        <translation>版本与许可证</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/canvas/canvas.py"/>
        <location filename="../../latent_studio/ui/docks/layers_dock.py"/>
        <location filename="../../latent_studio/ui/widgets/export_dialog.py"/>
        <source>Picture</source>
        <translation>图像</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/canvas/latent_map_view.py"/>
        <location filename="../../latent_studio/ui/docks/map_dock.py"/>
        <source>Map of latents</source>
        <translation>潜变量地图</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/canvas/latent_map_view.py"/>
        <source>Wheel: come nearer; drag: move; click a point to go there.
Arrow keys choose a neighbour, Enter goes there, + and − zoom.</source>
        <translation>滚轮：拉近；拖动：移动；点击一个点即可前往。
方向键选择相邻的点，回车前往，+ 和 − 缩放。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/canvas/layer_view.py"/>
        <source>Feature maps</source>
        <translation>特征图</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/canvas/layer_view.py"/>
        <source>0.5 cycles a pixel</source>
        <translation>每像素 0.5 个周期</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/canvas/layer_view.py"/>
        <source>Channel {channel}: click to enlarge</source>
        <translation>通道 {channel}：点击放大</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/canvas/layer_view.py"/>
        <source>Channel {channel}: click to go back</source>
        <translation>通道 {channel}：点击返回</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/canvas/seed_map.py"/>
        <location filename="../../latent_studio/ui/docks/latent_dock.py"/>
        <source>Seed map</source>
        <translation>种子地图</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/canvas/seed_map.py"/>
        <source>Drag to wander between seeds; click a neighbour to go there.
Arrow keys: next seed, with Shift a tenth of the way. Wheel: zoom.</source>
        <translation>拖动可在种子之间漫游；点击相邻的种子即可前往。
方向键：下一个种子，加 Shift 每次移动十分之一。滚轮：缩放。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/canvas/stage.py"/>
        <location filename="../../latent_studio/ui/docks/init_choice.py"/>
        <source>No model is open</source>
        <translation>没有打开的模型</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/canvas/stage.py"/>
        <source>Drop a model file here, or train a new one: pictures appear after a few minutes.</source>
        <translation>把模型文件拖到这里，或训练一个新模型：几分钟后就会出现图像。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/canvas/stage.py"/>
        <source>Open a model…</source>
        <translation>打开模型…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/canvas/stage.py"/>
        <source>Train a model</source>
        <translation>训练模型</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/chrome.py"/>
        <source>&amp;File</source>
        <translation>文件(&amp;F)</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/chrome.py"/>
        <source>&amp;Edit</source>
        <translation>编辑(&amp;E)</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/chrome.py"/>
        <source>&amp;Model</source>
        <translation>模型(&amp;M)</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/chrome.py"/>
        <source>&amp;Latent</source>
        <translation>潜空间(&amp;L)</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/chrome.py"/>
        <source>&amp;Train</source>
        <translation>训练(&amp;T)</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/chrome.py"/>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <location filename="../../latent_studio/ui/docks/training_tabs.py"/>
        <source>Runs</source>
        <translation>训练任务</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/chrome.py"/>
        <source>&amp;View</source>
        <translation>视图(&amp;V)</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/chrome.py"/>
        <source>Scaling</source>
        <translation>缩放方式</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/chrome.py"/>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>Theme</source>
        <translation>主题</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/chrome.py"/>
        <source>&amp;Help</source>
        <translation>帮助(&amp;H)</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/chrome.py"/>
        <source>Tools</source>
        <translation>工具</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/chrome.py"/>
        <source>The model: click to open another one</source>
        <translation>当前模型：点击可打开其他模型</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/chrome.py"/>
        <source>Recent sessions</source>
        <translation>最近的会话</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/chrome.py"/>
        <source>None yet</source>
        <translation>暂无</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/chrome.py"/>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/chrome.py"/>
        <source>The language changes at the next start.</source>
        <translation>语言将在下次启动时更改。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/compare.py"/>
        <source>Now</source>
        <translation>当前</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/compare.py"/>
        <source>Unedited</source>
        <translation>未编辑</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/compare.py"/>
        <source>Before the last step</source>
        <translation>上一步之前</translation>
    </message>
    <message numerus="yes">
        <location filename="../../latent_studio/ui/compared_runs.py"/>
        <source>At most %n other runs can be compared; take one away first.</source>
        <translation>
            <numerusform>最多可以同时对比 %n 个其他训练任务；请先去掉一个。</numerusform>
        </translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/desk.py"/>
        <source>Walking, {speed} latents a second. W stops, [ and ] change it</source>
        <translation>漫步中，每秒 {speed} 个潜变量。按 W 停止，[ 和 ] 改变速度</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/dialogs.py"/>
        <source>Models (*.safetensors *.pkl *.pt *.pth *.bin);;All files (*)</source>
        <translation>模型 (*.safetensors *.pkl *.pt *.pth *.bin);;所有文件 (*)</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/dialogs.py"/>
        <source>Open a model</source>
        <translation>打开模型</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/dialogs.py"/>
        <source>Pictures (*.png)</source>
        <translation>图像 (*.png)</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/dialogs.py"/>
        <source>Open a picture’s scene</source>
        <translation>打开图像中的场景</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/dialogs.py"/>
        <source>Open a model first; photographs are found in it.</source>
        <translation>请先打开模型；照片将在模型中查找。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/dialogs.py"/>
        <source>Photo</source>
        <translation>照片</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/dialogs.py"/>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>Found</source>
        <translation>找到的结果</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/dialogs.py"/>
        <source>Models (*.safetensors)</source>
        <translation>模型 (*.safetensors)</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/dialogs.py"/>
        <source>Save a copy</source>
        <translation>保存副本</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/dialogs.py"/>
        <source>Latent Studio explores and trains generative adversarial networks.
Apache License 2.0. Not for identifying or imitating real people.</source>
        <translation>Latent Studio 用于探索和训练生成对抗网络（GAN）。
Apache License 2.0。不得用于识别或冒充真实人物。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/dialogs.py"/>
        <source>A training is running</source>
        <translation>训练正在进行</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/dialogs.py"/>
        <source>A training is running. Stop it and quit?</source>
        <translation>训练正在进行。要停止训练并退出吗？</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/dialogs.py"/>
        <source>Saved runs go on later from where they were. Quitting without saving goes back to the last checkpoint.</source>
        <translation>保存后，以后可以从中断处继续训练。不保存就退出将回到上一个检查点。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/dialogs.py"/>
        <source>Save and quit</source>
        <translation>保存并退出</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/dialogs.py"/>
        <source>Quit without saving</source>
        <translation>不保存，直接退出</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/dialogs.py"/>
        <source>New directions are in no file</source>
        <translation>新方向尚未存入文件</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/dialogs.py"/>
        <source>{names} and {count} more</source>
        <translation>{names} 等，另有 {count} 个</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/dialogs.py"/>
        <source>New directions end with the window: {names}</source>
        <translation>这些新方向会随窗口关闭而消失：{names}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/dialogs.py"/>
        <source>Save a copy of the model with them?</source>
        <translation>要保存一份包含它们的模型副本吗？</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/dialogs.py"/>
        <location filename="../../latent_studio/ui/model_controller.py"/>
        <source>Save a copy…</source>
        <translation>保存副本…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/dialogs.py"/>
        <location filename="../../latent_studio/ui/sessions.py"/>
        <source>Close without saving</source>
        <translation>不保存，直接关闭</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/dialogs.py"/>
        <location filename="../../latent_studio/ui/sessions.py"/>
        <source>Stay</source>
        <translation>留下</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/direction_edits.py"/>
        <source>New direction {names}</source>
        <translation>新方向 {names}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/direction_edits.py"/>
        <source>There is a direction called “{name}” already.</source>
        <translation>已有名为“{name}”的方向。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/direction_edits.py"/>
        <source>Delete direction {name}</source>
        <translation>删除方向 {name}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/direction_edits.py"/>
        <source>Direction {number}</source>
        <translation>方向 {number}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/direction_edits.py"/>
        <source>Difference of two pictures</source>
        <translation>两幅图像之差</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/direction_edits.py"/>
        <source>Conditional direction</source>
        <translation>条件方向</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/direction_edits.py"/>
        <source>Measure directions</source>
        <translation>评测方向</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/direction_edits.py"/>
        <location filename="../../latent_studio/latent/directions/quality.py"/>
        <source>Measuring directions</source>
        <translation>正在评测方向</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/direction_edits.py"/>
        <source>Importing directions</source>
        <translation>正在导入方向</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/direction_edits.py"/>
        <source>The directions are in {path}</source>
        <translation>方向已保存到 {path}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/direction_edits.py"/>
        <source>Exporting directions</source>
        <translation>正在导出方向</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/direction_edits.py"/>
        <source>Saving directions</source>
        <translation>正在保存方向</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/candidates_page.py"/>
        <source>Find</source>
        <translation>查找</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/candidates_page.py"/>
        <source>Look for directions and show what they do to this picture</source>
        <translation>寻找方向，并展示它们对当前图像的作用</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/candidates_page.py"/>
        <source>Each strip goes from −3 to +3. Name what you like: it becomes a slider.</source>
        <translation>每一条从 −3 到 +3。给喜欢的命名，它就成为滑块。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/candidates_page.py"/>
        <location filename="../../latent_studio/ui/docks/directions_dock.py"/>
        <location filename="../../latent_studio/ui/widgets/discover_dialog.py"/>
        <source>Principal components</source>
        <translation>主成分</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/candidates_page.py"/>
        <source>SeFa: layers’ strongest</source>
        <translation>SeFa：各层作用最强的方向</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/candidates_page.py"/>
        <location filename="../../latent_studio/ui/docks/directions_dock.py"/>
        <source>Style channels</source>
        <translation>风格通道</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/candidates_page.py"/>
        <source>Method</source>
        <translation>方法</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/candidates_page.py"/>
        <source>How candidates are found</source>
        <translation>寻找候选方向的方法</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/candidates_page.py"/>
        <source>All layers</source>
        <translation>所有层</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/candidates_page.py"/>
        <source>Coarse layers</source>
        <translation>粗略层</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/candidates_page.py"/>
        <source>Middle layers</source>
        <translation>中间层</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/candidates_page.py"/>
        <source>Fine layers</source>
        <translation>精细层</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/candidates_page.py"/>
        <location filename="../../latent_studio/ui/docks/registry.py"/>
        <location filename="../../latent_studio/ui/export/grid_page.py"/>
        <source>Layers</source>
        <translation>层</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/candidates_page.py"/>
        <source>On which layers they act</source>
        <translation>在哪些层上起作用</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/candidates_page.py"/>
        <source>Number of candidates</source>
        <translation>候选数量</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/candidates_page.py"/>
        <source>How many (SeFa: of each group of layers)</source>
        <translation>数量（SeFa：每组层各这么多）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/candidates_page.py"/>
        <source>What this model varies by itself: look at it, keep what you like.</source>
        <translation>模型自身包含的变化：看一看，留下喜欢的。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/candidates_page.py"/>
        <source>Looking for directions…</source>
        <translation>正在寻找方向…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/candidates_page.py"/>
        <source>Finding candidates</source>
        <translation>正在寻找候选方向</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/candidates_page.py"/>
        <source>{share:.1%} of the variance</source>
        <translation>占方差的 {share:.1%}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/candidates_page.py"/>
        <source>{share:.1%} of what these layers can change</source>
        <translation>占这些层可变化范围的 {share:.1%}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/candidates_page.py"/>
        <source>changes a pixel by {change:.1%} of its range</source>
        <translation>像素平均变化为取值范围的 {change:.1%}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/difference_page.py"/>
        <source>Take the present picture as start</source>
        <translation>以当前图像为起点</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/difference_page.py"/>
        <source>Take the present picture as end</source>
        <translation>以当前图像为终点</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/difference_page.py"/>
        <location filename="../../latent_studio/ui/discover/hand_page.py"/>
        <source>Name of the slider</source>
        <translation>滑块名称</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/difference_page.py"/>
        <source>0 is the first picture, 1 the second</source>
        <translation>0 为第一幅图像，1 为第二幅</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/difference_page.py"/>
        <location filename="../../latent_studio/ui/discover/hand_page.py"/>
        <source>Make slider</source>
        <translation>生成滑块</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/difference_page.py"/>
        <location filename="../../latent_studio/ui/discover/hand_page.py"/>
        <source>Add the slider to the model</source>
        <translation>把滑块加入模型</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/difference_page.py"/>
        <source>Set up a picture, take it as start; change it, take it as end. The slider leads from one to the other, on any picture.</source>
        <translation>先调好一幅图像作为起点，再修改后作为终点。这个滑块可以把任意图像从起点的样子变到终点的样子。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/hand_page.py"/>
        <source>Sample to judge</source>
        <translation>待判断的样本</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/hand_page.py"/>
        <source>↑ or Y: yes, ↓ or N: no, → or S: skip, ←: take the last back</source>
        <translation>↑ 或 Y：是，↓ 或 N：否，→ 或 S：跳过，←：撤回上一个</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/hand_page.py"/>
        <source>What do you look for? It names the slider</source>
        <translation>要找什么？它将作为滑块的名称</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/hand_page.py"/>
        <source>For example: friendly, tired, backlit</source>
        <translation>例如：和善、疲惫、逆光</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/hand_page.py"/>
        <source>Yes</source>
        <translation>是</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/hand_page.py"/>
        <source>It has it (↑ or Y)</source>
        <translation>符合（↑ 或 Y）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/hand_page.py"/>
        <source>No</source>
        <translation>否</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/hand_page.py"/>
        <source>It has not (↓ or N)</source>
        <translation>不符合（↓ 或 N）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/hand_page.py"/>
        <source>Skip</source>
        <translation>跳过</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/hand_page.py"/>
        <source>Hard to say (→ or S)</source>
        <translation>难以判断（→ 或 S）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/hand_page.py"/>
        <source>Back</source>
        <translation>返回</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/hand_page.py"/>
        <source>Take the last answer back (←)</source>
        <translation>撤回上一个判断（←）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/hand_page.py"/>
        <source>Begin</source>
        <translation>开始</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/hand_page.py"/>
        <source>Make samples to label</source>
        <translation>生成用于标注的样本</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/hand_page.py"/>
        <source>Start over</source>
        <translation>重新开始</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/hand_page.py"/>
        <source>Forget the labels</source>
        <translation>清除标注</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/hand_page.py"/>
        <source>Making samples to label</source>
        <translation>正在生成用于标注的样本</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/hand_page.py"/>
        <source>Fitting the slider</source>
        <translation>正在拟合滑块</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/hand_page.py"/>
        <source>by hand</source>
        <translation>手工标注</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/hand_page.py"/>
        <source>{yes} yes, {no} no</source>
        <translation>{yes} 个是，{no} 个否</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/hand_page.py"/>
        <source>Making samples…</source>
        <translation>正在生成样本…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/hand_page.py"/>
        <source>Say of some thirty samples whether they have what you look for; a slider comes out. Begin makes the samples, which takes a few seconds.</source>
        <translation>判断约三十个样本是否符合要找的特征，就能得到一个滑块。点“开始”生成样本，只需几秒钟。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/hand_page.py"/>
        <source>At least two of each side are needed, and thirty make a good slider.</source>
        <translation>是和否各至少需要两个，三十个可以得到好用的滑块。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/hand_page.py"/>
        <source>about {left} more make it good</source>
        <translation>再标注约 {left} 个效果会更好</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/hand_page.py"/>
        <source>enough</source>
        <translation>已足够</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/hand_page.py"/>
        <source>The slider puts a yes above a no in {auc:.0%} of pairs it has not seen (cross-validated AUC; half would be chance); {more}.</source>
        <translation>在未见过的样本对中，滑块有 {auc:.0%} 把“是”排在“否”之上（交叉验证 AUC；随机为 50%）；{more}。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/hand_page.py"/>
        <source>Not better than chance yet: the slider puts a yes above a no in {auc:.0%} of pairs it has not seen. More labels may help, or something that is plainer to see.</source>
        <translation>目前还不如随机：在未见过的配对中，滑块只有 {auc:.0%} 把“是”排在“否”之上。多做一些标注，或换一个更明显的特征，可能会有帮助。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/strip.py"/>
        <source>Pictures along {title}</source>
        <translation>沿 {title} 变化的图像</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/strip.py"/>
        <source>From −3 to +3, the present picture in the middle</source>
        <translation>从 −3 到 +3，中间是当前图像</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/strip.py"/>
        <source>Name it to keep it</source>
        <translation>命名即可保留</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/strip.py"/>
        <source>Name of {title}</source>
        <translation>{title} 的名称</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/strip.py"/>
        <source>What the slider is called; Enter keeps it</source>
        <translation>滑块的名称；按回车保留</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/strip.py"/>
        <source>Keep</source>
        <translation>保留</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/strip.py"/>
        <source>Make it a slider</source>
        <translation>做成滑块</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/strip.py"/>
        <source>Keep {title}</source>
        <translation>保留 {title}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/discover/strip.py"/>
        <source>kept as “{name}”</source>
        <translation>已保留为“{name}”</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/dock_host.py"/>
        <source>Float or dock {name}</source>
        <translation>浮动或停靠{name}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/dock_host.py"/>
        <source>Close {name}</source>
        <translation>关闭{name}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/alarm_cards.py"/>
        <location filename="../../latent_studio/ui/training_controller.py"/>
        <source>Apply</source>
        <translation>应用</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/alarm_cards.py"/>
        <source>Dismiss</source>
        <translation>忽略</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/alarm_cards.py"/>
        <source>Close this alarm until it is raised again</source>
        <translation>关闭此警报，直到再次出现</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/alarm_cards.py"/>
        <source>since {kimg:,.1f} kimg</source>
        <translation>自 {kimg:,.1f} kimg 起</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/alarm_cards.py"/>
        <source>Apply: {change}</source>
        <translation>应用：{change}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/alarm_cards.py"/>
        <source>Dismiss: {message}</source>
        <translation>忽略：{message}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/alarm_cards.py"/>
        <source>Alarms of the training</source>
        <translation>训练警报</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/components_dock.py"/>
        <source>changed</source>
        <translation>已更改</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/components_dock.py"/>
        <source>Components of z, before the mapping</source>
        <translation>z 的分量，在映射网络之前</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/components_dock.py"/>
        <source>Components of w, after truncation and mixing</source>
        <translation>w 的分量，在截断和混合之后</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/components_dock.py"/>
        <source>Space of the components</source>
        <translation>分量所在的空间</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/components_dock.py"/>
        <source>Search: 12, 10-20, changed</source>
        <translation>搜索：12, 10-20, changed</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/components_dock.py"/>
        <source>Set the components of this space to zero</source>
        <translation>将该空间的分量全部归零</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/components_dock.py"/>
        <source>{shown} of {all} components</source>
        <translation>{all} 个分量中的 {shown} 个</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/components_dock.py"/>
        <source>Reset components</source>
        <translation>重置分量</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/data_choice.py"/>
        <source>Data sets (*.zip *.gz *ubyte *.idx);;All files (*)</source>
        <translation>数据集 (*.zip *.gz *ubyte *.idx);;所有文件 (*)</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/data_choice.py"/>
        <location filename="../../latent_studio/ui/docks/direction_menu.py"/>
        <location filename="../../latent_studio/ui/widgets/discover_dialog.py"/>
        <source>Folder of images</source>
        <translation>图像文件夹</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/data_choice.py"/>
        <source>Zip or IDX file</source>
        <translation>Zip 或 IDX 文件</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/data_choice.py"/>
        <location filename="../../latent_studio/ui/widgets/discover_dialog.py"/>
        <source>Procedural faces (built in)</source>
        <translation>程序生成的人脸（内置）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/data_choice.py"/>
        <source>Folder of images…</source>
        <translation>图像文件夹…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/data_choice.py"/>
        <source>Zip or IDX file…</source>
        <translation>Zip 或 IDX 文件…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/data_choice.py"/>
        <source>Procedural faces</source>
        <translation>程序生成的人脸</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/data_choice.py"/>
        <source>Data: {name}</source>
        <translation>数据：{name}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/data_choice.py"/>
        <source>Faces drawn by the program, without end</source>
        <translation>由程序绘制的人脸，数量无限</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/data_choice.py"/>
        <source>What to train on: {where}
Drop a folder or zip here.</source>
        <translation>训练数据：{where}
可将文件夹或 zip 文件拖到这里。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/direction_menu.py"/>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <source>Rename…</source>
        <translation>重命名…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/direction_menu.py"/>
        <source>Turn round</source>
        <translation>反向</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/direction_menu.py"/>
        <source>Turn round {name}</source>
        <translation>反转 {name} 的方向</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/direction_menu.py"/>
        <source>Strength…</source>
        <translation>强度…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/direction_menu.py"/>
        <source>Keep these layers</source>
        <translation>固定这些层</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/direction_menu.py"/>
        <source>The layers chosen for the slider become the direction’s own</source>
        <translation>把滑块所选的层设为该方向自己的层</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/direction_menu.py"/>
        <location filename="../../latent_studio/ui/docks/gallery_dock.py"/>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/direction_menu.py"/>
        <source>Import…</source>
        <translation>导入…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/direction_menu.py"/>
        <source>Export all…</source>
        <translation>全部导出…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/direction_menu.py"/>
        <source>directions</source>
        <translation>方向</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/direction_menu.py"/>
        <source>Measure</source>
        <translation>评测</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/direction_menu.py"/>
        <source>Distance only</source>
        <translation>仅测距离</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/direction_menu.py"/>
        <source>How much the pictures change; needs no labelled pictures</source>
        <translation>图像变化多少；不需要带标签的图像</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/direction_menu.py"/>
        <location filename="../../latent_studio/ui/widgets/discover_dialog.py"/>
        <source>Zip file</source>
        <translation>Zip 文件</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/direction_menu.py"/>
        <source>By procedural faces (built in)</source>
        <translation>用程序生成的人脸（内置）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/direction_menu.py"/>
        <source>By a labelled folder…</source>
        <translation>用带标签的文件夹…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/direction_menu.py"/>
        <source>By a labelled zip file…</source>
        <translation>用带标签的 zip 文件…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/direction_menu.py"/>
        <source>Without changing</source>
        <translation>保持不变</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/direction_menu.py"/>
        <source>A slider that leaves another attribute as it is</source>
        <translation>得到一个不影响另一属性的滑块</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/direction_menu.py"/>
        <source>All of these</source>
        <translation>以上全部</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/direction_menu.py"/>
        <source>Rename direction</source>
        <translation>重命名方向</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/direction_menu.py"/>
        <location filename="../../latent_studio/ui/docks/gallery_dock.py"/>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/direction_menu.py"/>
        <source>Rename {name}</source>
        <translation>重命名 {name}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/direction_menu.py"/>
        <source>Strength of {name}</source>
        <translation>{name} 的强度</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/direction_menu.py"/>
        <source>Sigmas for an amount of one</source>
        <translation>数值 1 对应几个标准差</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/direction_menu.py"/>
        <source>Layers of {name}</source>
        <translation>{name} 的层</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/direction_menu.py"/>
        <source>Directions (*.safetensors)</source>
        <translation>方向 (*.safetensors)</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/direction_menu.py"/>
        <source>Import directions</source>
        <translation>导入方向</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/direction_menu.py"/>
        <source>Export directions</source>
        <translation>导出方向</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/directions_dock.py"/>
        <source>layers</source>
        <translation>层</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/directions_dock.py"/>
        <source>first layer</source>
        <translation>起始层</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/directions_dock.py"/>
        <source>last layer</source>
        <translation>结束层</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/directions_dock.py"/>
        <source>{about}; right click or Menu key for more</source>
        <translation>{about}；右键或菜单键可查看更多</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/directions_dock.py"/>
        <source>Choose the layers it acts on</source>
        <translation>选择起作用的层</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/directions_dock.py"/>
        <source>principal component, {share:.1%} of the variance</source>
        <translation>主成分，占方差的 {share:.1%}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/directions_dock.py"/>
        <source>from {count} labels by hand, AUC {auc:.0%}</source>
        <translation>来自 {count} 个手工标注，AUC {auc:.0%}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/directions_dock.py"/>
        <source>principal component, in standard deviations</source>
        <translation>主成分，以标准差为单位</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/directions_dock.py"/>
        <source>what changes these layers most (SeFa), in standard deviations</source>
        <translation>这些层变化最大的方向（SeFa），以标准差为单位</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/directions_dock.py"/>
        <source>a single style channel</source>
        <translation>单个风格通道</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/directions_dock.py"/>
        <source>1 leads from one picture to the other</source>
        <translation>1 表示从一幅图像变到另一幅</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/directions_dock.py"/>
        <source>in standard deviations</source>
        <translation>以标准差为单位</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/directions_dock.py"/>
        <location filename="../../latent_studio/ui/widgets/discover_dialog.py"/>
        <source>Attributes</source>
        <translation>属性</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/directions_dock.py"/>
        <source>Differences</source>
        <translation>差值</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/directions_dock.py"/>
        <source>Layers’ strongest</source>
        <translation>各层作用最强</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/directions_dock.py"/>
        <source>Search directions</source>
        <translation>搜索方向</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/directions_dock.py"/>
        <source>Set every slider to zero (0)</source>
        <translation>将所有滑块归零（0）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/directions_dock.py"/>
        <source>Discover directions in this model</source>
        <translation>发现该模型的方向</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/directions_dock.py"/>
        <source>Measure, import or export directions</source>
        <translation>评测、导入或导出方向</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/directions_dock.py"/>
        <source>Open a model to see its directions.</source>
        <translation>打开模型后即可看到它的方向。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/directions_dock.py"/>
        <source>This model has no directions yet. They are searched for in the background.</source>
        <translation>该模型还没有方向，正在后台搜索。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/drag_dock.py"/>
        <location filename="../../latent_studio/ui/docks/training_bar.py"/>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>Start</source>
        <translation>开始</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/drag_dock.py"/>
        <source>Drag the handles to their targets, or stop; start again goes on</source>
        <translation>把手柄点拖向目标点，或停止；再次开始会继续</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/drag_dock.py"/>
        <source>Remove all points</source>
        <translation>移除所有点</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/drag_dock.py"/>
        <source>Remove the mask: everything may change</source>
        <translation>移除蒙版：全部区域都可变化</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/drag_dock.py"/>
        <source>Points</source>
        <translation>点</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/drag_dock.py"/>
        <source>Pull a point to where it should go, or click both places; Alt removes</source>
        <translation>把一个点拖到它要去的位置，或先后点击这两处；按住 Alt 点击可移除</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/drag_dock.py"/>
        <source>Mask</source>
        <translation>蒙版</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/drag_dock.py"/>
        <source>Paint what may change; the rest is held</source>
        <translation>涂出可以变化的区域；其余保持不变</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/drag_dock.py"/>
        <source>Erase</source>
        <translation>擦除</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/drag_dock.py"/>
        <source>Paint what has to stay</source>
        <translation>涂出必须保持不变的区域</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/drag_dock.py"/>
        <source>Tool</source>
        <translation>工具</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/drag_dock.py"/>
        <source>Every layer moves by itself: reaches more</source>
        <translation>各层独立移动：能拖得更远</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/drag_dock.py"/>
        <source>All layers move alike: stays a typical picture</source>
        <translation>各层一起移动：保持典型的图像</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/drag_dock.py"/>
        <location filename="../../latent_studio/ui/docks/latent_dock.py"/>
        <source>Space</source>
        <translation>空间</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/drag_dock.py"/>
        <source>x</source>
        <translation>x</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/drag_dock.py"/>
        <source>y</source>
        <translation>y</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/drag_dock.py"/>
        <source>to x</source>
        <translation>目标 x</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/drag_dock.py"/>
        <source>to y</source>
        <translation>目标 y</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/drag_dock.py"/>
        <source>Points to drag</source>
        <translation>要拖拽的点</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/drag_dock.py"/>
        <source>Handle and target in pixels; type to move them, Delete removes a row</source>
        <translation>手柄点和目标点，以像素为单位；输入数值可移动，Delete 删除一行</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/drag_dock.py"/>
        <source>Add a point in the middle of the picture</source>
        <translation>在图像中央添加一个点</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/drag_dock.py"/>
        <source>Remove the selected points</source>
        <translation>移除所选的点</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/drag_dock.py"/>
        <source>Brush</source>
        <translation>画笔</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/drag_dock.py"/>
        <source>radius of the mask’s brush, pixels</source>
        <translation>蒙版画笔的半径，像素</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/drag_dock.py"/>
        <source>Radius</source>
        <translation>半径</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/drag_dock.py"/>
        <source>pixels around a handle that are pulled along</source>
        <translation>手柄点周围一起被拉动的像素数</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/drag_dock.py"/>
        <source>Step</source>
        <translation>步长</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/drag_dock.py"/>
        <source>how far one step goes</source>
        <translation>每一步移动多远</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/drag_dock.py"/>
        <source>Hold</source>
        <translation>固定力度</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/drag_dock.py"/>
        <source>how strongly what lies outside the mask is held; too much, and nothing moves</source>
        <translation>蒙版之外固定得多牢；过大则什么都动不了</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/drag_dock.py"/>
        <source>From layer</source>
        <translation>起始层</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/drag_dock.py"/>
        <source>the first layer that moves</source>
        <translation>开始移动的第一层</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/drag_dock.py"/>
        <source>To layer</source>
        <translation>结束层</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/drag_dock.py"/>
        <source>the last layer that moves; late layers hold colours</source>
        <translation>移动的最后一层；靠后的层决定颜色</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/drag_dock.py"/>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/estimate_box.py"/>
        <source>Estimate of memory and speed</source>
        <translation>内存与速度估算</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/estimate_box.py"/>
        <source>Measured with a few steps of these networks on this computer, without the data</source>
        <translation>用这些网络在本机上试跑几步测得，不含数据读取</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/estimate_box.py"/>
        <source>Estimate</source>
        <translation>估算</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/estimate_box.py"/>
        <source>Measuring…</source>
        <translation>正在测量…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/estimate_box.py"/>
        <source>Estimate the training</source>
        <translation>估算训练开销</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/estimate_box.py"/>
        <source>Memory and speed appear here.</source>
        <translation>内存和速度将显示在这里。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/estimate_box.py"/>
        <source>{device}, {precision}, batch {batch}</source>
        <translation>{device}，{precision}，批大小 {batch}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/estimate_box.py"/>
        <source>about {memory} of memory</source>
        <translation>约需 {memory} 内存</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/estimate_box.py"/>
        <source>about {memory} of {free} free memory</source>
        <translation>约需 {memory}，可用 {free}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/estimate_box.py"/>
        <source>about {speed:,.3g} img/s; {kimg:,g} kimg take {time}</source>
        <translation>约 {speed:,.3g} 张/秒；{kimg:,g} kimg 需要 {time}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/estimate_box.py"/>
        <source>It does not fit: choose a smaller batch, or set accumulate to 2 or more.</source>
        <translation>内存不足：请减小批大小，或把 accumulate 设为 2 以上。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/evaluate_panel.py"/>
        <source>Copy the numbers</source>
        <translation>复制数值</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/evaluate_panel.py"/>
        <source>Metrics to compute</source>
        <translation>要计算的指标</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/evaluate_panel.py"/>
        <source>What to compute</source>
        <translation>计算哪些指标</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/evaluate_panel.py"/>
        <source>usual metrics</source>
        <translation>常用指标</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/evaluate_panel.py"/>
        <source> pictures</source>
        <translation> 张图像</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/evaluate_panel.py"/>
        <source>Pictures to make</source>
        <translation>生成的图像数量</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/evaluate_panel.py"/>
        <source>Pictures to make, and real ones to hold against them</source>
        <translation>生成的图像数量，也是用于比较的真实图像数量</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/evaluate_panel.py"/>
        <source>random features</source>
        <translation>随机特征</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/evaluate_panel.py"/>
        <source>Inception-v3 (FID)</source>
        <translation>Inception-v3（FID）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/evaluate_panel.py"/>
        <source>Features</source>
        <translation>特征</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/evaluate_panel.py"/>
        <source>Who looks: a random network, which needs no file, or Inception-v3 as for FID</source>
        <translation>由谁来“看”：无需文件的随机网络，或计算 FID 所用的 Inception-v3</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/evaluate_panel.py"/>
        <source>Numbers of the model</source>
        <translation>模型的评测数值</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/evaluate_panel.py"/>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/evaluate_panel.py"/>
        <source>Evaluate now</source>
        <translation>立即评测</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/evaluate_panel.py"/>
        <source>Compare {model} with {data}</source>
        <translation>将 {model} 与 {data} 比较</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/evaluate_panel.py"/>
        <source>There is no model with a file on the canvas</source>
        <translation>画布上的模型没有对应的文件</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/evaluate_panel.py"/>
        <source>{model} against {data}: {made:,} made, {real:,} real</source>
        <translation>{model} 对比 {data}：生成 {made:,} 张，真实 {real:,} 张</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/evaluate_panel.py"/>
        <source>Metric</source>
        <translation>指标</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/evaluate_panel.py"/>
        <source>real: {data}</source>
        <translation>真实：{data}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/evaluate_panel.py"/>
        <source>Better</source>
        <translation>更优</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/evaluate_panel.py"/>
        <source>Evaluating {model}…</source>
        <translation>正在评测 {model}…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/evaluate_panel.py"/>
        <source>Evaluate {model}</source>
        <translation>评测 {model}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/evaluate_panel.py"/>
        <source>Download them</source>
        <translation>下载权重</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/evaluate_panel.py"/>
        <source>The numbers are in the clipboard.</source>
        <translation>数值已复制到剪贴板。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/gallery_dock.py"/>
        <source>Search bookmarks</source>
        <translation>搜索书签</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/gallery_dock.py"/>
        <source>Words in a bookmark’s name, tags or model</source>
        <translation>书签的名称、标签或模型中的词</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/gallery_dock.py"/>
        <source>All tags</source>
        <translation>所有标签</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/gallery_dock.py"/>
        <source>Tag</source>
        <translation>标签</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/gallery_dock.py"/>
        <source>Only bookmarks with this tag</source>
        <translation>只显示带此标签的书签</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/gallery_dock.py"/>
        <source>Newest first</source>
        <translation>最新在前</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/gallery_dock.py"/>
        <source>Oldest first</source>
        <translation>最旧在前</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/gallery_dock.py"/>
        <source>By name</source>
        <translation>按名称</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/gallery_dock.py"/>
        <source>By model</source>
        <translation>按模型</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/gallery_dock.py"/>
        <source>Order</source>
        <translation>排序</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/gallery_dock.py"/>
        <source>Order of the bookmarks</source>
        <translation>书签的排列顺序</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/gallery_dock.py"/>
        <source>Press B to keep what you see, with everything that made it.</source>
        <translation>按 B 收藏当前画面，连同生成它的全部设置。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/gallery_dock.py"/>
        <source>Name of the bookmark; Enter keeps it</source>
        <translation>书签的名称；按回车保存</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/gallery_dock.py"/>
        <source>Tags</source>
        <translation>标签</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/gallery_dock.py"/>
        <source>Tags of what is chosen, with commas between; Enter keeps them</source>
        <translation>所选书签的标签，用逗号分隔；按回车保存</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/gallery_dock.py"/>
        <source>smile, keep</source>
        <translation>微笑, 收藏</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/gallery_dock.py"/>
        <source>Bookmark what is shown (B)</source>
        <translation>把当前画面加入书签（B）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/gallery_dock.py"/>
        <source>Go to the chosen bookmark (Enter)</source>
        <translation>前往所选书签（回车）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/gallery_dock.py"/>
        <source>Compare the two that are chosen: A and B</source>
        <translation>对比所选的两个书签：A 和 B</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/gallery_dock.py"/>
        <source>Go to the average of those that are chosen</source>
        <translation>前往所选书签的平均值</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/gallery_dock.py"/>
        <source>Make a direction of the way from one to the other (the one chosen last)</source>
        <translation>把从一个到另一个（最后选中的）的变化做成方向</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/gallery_dock.py"/>
        <source>Add those that are chosen to the timeline</source>
        <translation>把所选书签加入时间线</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/gallery_dock.py"/>
        <source>Delete what is chosen (Del); can be undone</source>
        <translation>删除所选书签（Del）；可以撤销</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/gallery_dock.py"/>
        <source>Go there</source>
        <translation>前往</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/gallery_dock.py"/>
        <source>Average</source>
        <translation>取平均</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/gallery_dock.py"/>
        <source>Make a direction</source>
        <translation>生成方向</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/gallery_dock.py"/>
        <source>Add to the timeline</source>
        <translation>加入时间线</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/gallery_dock.py"/>
        <source>No bookmark has all of these words.</source>
        <translation>没有包含全部这些词的书签。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/gallery_dock.py"/>
        <source>Kept in the gallery: {name}</source>
        <translation>已收藏到图库：{name}</translation>
    </message>
    <message numerus="yes">
        <location filename="../../latent_studio/ui/docks/gallery_dock.py"/>
        <source>Average of %n bookmarks</source>
        <translation>
            <numerusform>%n 个书签的平均</numerusform>
        </translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/gallery_dock.py"/>
        <source>Direction {name}</source>
        <translation>方向 {name}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/gallery_dock.py"/>
        <source>Making a direction</source>
        <translation>正在生成方向</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/gallery_list.py"/>
        <source>Bookmarks</source>
        <translation>书签</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/gallery_list.py"/>
        <source>Double click a bookmark to go there</source>
        <translation>双击书签即可前往</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/gallery_model.py"/>
        <source>Model: {name}</source>
        <translation>模型：{name}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/gallery_model.py"/>
        <source>Tags: {tags}</source>
        <translation>标签：{tags}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/gallery_model.py"/>
        <source>Double click: go there. Drag: a PNG file that carries its scene.</source>
        <translation>双击：前往。拖出：带有场景的 PNG 文件。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/history_bar.py"/>
        <source>Model of the run on the canvas</source>
        <translation>画布上的训练模型</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/history_bar.py"/>
        <source>Drag to see the same picture by earlier models; the right end is the newest</source>
        <translation>拖动可查看较早的模型生成的同一画面；最右端为最新</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/history_bar.py"/>
        <source>Latest</source>
        <translation>最新</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/history_bar.py"/>
        <source>Back to the newest model, live while it trains</source>
        <translation>回到最新的模型，训练时实时跟随</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/history_bar.py"/>
        <source>Back to the newest model</source>
        <translation>回到最新的模型</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/history_bar.py"/>
        <source>Model over time</source>
        <translation>模型随时间的变化</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/history_bar.py"/>
        <location filename="../../latent_studio/ui/docks/sample_history.py"/>
        <source>{kimg:,.1f} kimg</source>
        <translation>{kimg:,.1f} kimg</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/history_bar.py"/>
        <source>newest</source>
        <translation>最新</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/history_dock.py"/>
        <source>Beginning</source>
        <translation>最初</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/history_dock.py"/>
        <source>Steps</source>
        <translation>步骤</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/history_dock.py"/>
        <source>Click a step to go back to it, or forward again</source>
        <translation>点击某一步可回到那一步，也可再向前</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/history_dock.py"/>
        <source>Step {index} of {count}</source>
        <translation>第 {index} 步，共 {count} 步</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/hot_form.py"/>
        <source>Learning rate of G</source>
        <translation>生成器学习率</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/hot_form.py"/>
        <source>Learning rate of D</source>
        <translation>判别器学习率</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/hot_form.py"/>
        <source>Learning rates</source>
        <translation>学习率</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/hot_form.py"/>
        <source>R1 weight (gamma)</source>
        <translation>R1 权重（gamma）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/hot_form.py"/>
        <source>R2 weight (gamma)</source>
        <translation>R2 权重（gamma）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/hot_form.py"/>
        <source>Gradient penalty</source>
        <translation>梯度惩罚</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/hot_form.py"/>
        <source>Clip of D’s weights</source>
        <translation>判别器权重的裁剪</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/hot_form.py"/>
        <source>Path length</source>
        <translation>路径长度</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/hot_form.py"/>
        <source>ADA target</source>
        <translation>ADA 目标值</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/hot_form.py"/>
        <location filename="../../latent_studio/ui/docks/registry.py"/>
        <source>Style mixing</source>
        <translation>风格混合</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/hot_form.py"/>
        <source>Parts of a batch</source>
        <translation>批次拆分数</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/hot_form.py"/>
        <source>Step size of the generator</source>
        <translation>生成器的步长</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/hot_form.py"/>
        <source>Step size of the discriminator</source>
        <translation>判别器的步长</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/hot_form.py"/>
        <source>Holds D back on real pictures; more is steadier, less is sharper</source>
        <translation>在真实图像上约束判别器；越大越稳定，越小越清晰</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/hot_form.py"/>
        <source>Holds D back on generated pictures</source>
        <translation>在生成图像上约束判别器</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/hot_form.py"/>
        <source>Keeps the critic’s slope near 1</source>
        <translation>使评判器的斜率保持在 1 附近</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/hot_form.py"/>
        <source>Bound on D’s weights; a wider one lets the critic say more</source>
        <translation>判别器权重的上限；放宽后评论网络能表达更多</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/hot_form.py"/>
        <source>Evens out how far pictures move when the style does</source>
        <translation>使风格变化时图像的变化幅度保持均匀</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/hot_form.py"/>
        <source>How much overfitting the augmentation allows before it grows</source>
        <translation>增强加大之前容许的过拟合程度</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/hot_form.py"/>
        <source>Chance that a training picture mixes two styles</source>
        <translation>一张训练图像混合两种风格的概率</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/hot_form.py"/>
        <source>Parts that a batch is worked off in, for lack of memory</source>
        <translation>内存不足时，把一个批次拆成几份处理</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/hot_form.py"/>
        <source>Takes effect at the next step and is noted in the run’s folder.</source>
        <translation>下一步起生效，并记录在训练文件夹中。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/hot_form.py"/>
        <source>Changes of this run</source>
        <translation>本次训练的更改</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/hot_form.py"/>
        <source>What was changed while the run went on, newest first</source>
        <translation>训练过程中更改过的设置，最新在前</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/hot_form.py"/>
        <source>Settings appear here when the training begins.</source>
        <translation>训练开始后，这里会显示设置。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/hot_form.py"/>
        <source>Nothing has been changed in this run.</source>
        <translation>本次训练没有更改过任何设置。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/hot_form.py"/>
        <source>at the next step…</source>
        <translation>下一步生效…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/hot_form.py"/>
        <source>since step {step:,}</source>
        <translation>自第 {step:,} 步起</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/hot_form.py"/>
        <source>from the start</source>
        <translation>从一开始</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/hot_form.py"/>
        <source>step {step:,}: {what} {to}</source>
        <translation>第 {step:,} 步：{what} {to}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/hot_form.py"/>
        <source>step {step:,}: {what} {old} → {to}</source>
        <translation>第 {step:,} 步：{what} {old} → {to}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/init_choice.py"/>
        <source>Models (*.safetensors);;All files (*)</source>
        <translation>模型 (*.safetensors);;所有文件 (*)</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/init_choice.py"/>
        <source>Model to begin from</source>
        <translation>初始模型</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/init_choice.py"/>
        <source>Nothing: random weights</source>
        <translation>无：随机权重</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/init_choice.py"/>
        <source>The model on the canvas ({name})</source>
        <translation>画布上的模型（{name}）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/init_choice.py"/>
        <source>Model file…</source>
        <translation>模型文件…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/init_choice.py"/>
        <source>random weights</source>
        <translation>随机权重</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/init_choice.py"/>
        <source>Begin from: {name}</source>
        <translation>初始模型：{name}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/init_choice.py"/>
        <source>Goes on teaching this model (fine-tuning): {path}</source>
        <translation>在此模型的基础上继续训练（微调）：{path}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/init_choice.py"/>
        <source>Begin with random weights, or go on from a model that is trained already</source>
        <translation>从随机权重开始，或在已训练的模型上继续</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/latent_dock.py"/>
        <location filename="../../latent_studio/ui/docks/mixing_dock.py"/>
        <source>Seed {seed}</source>
        <translation>种子 {seed}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/latent_dock.py"/>
        <source>Random seed</source>
        <translation>随机种子</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/latent_dock.py"/>
        <source>Seed</source>
        <translation>种子</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/latent_dock.py"/>
        <source>Seed: any whole number; arrow keys step</source>
        <translation>种子：任意整数；可用方向键增减</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/latent_dock.py"/>
        <source>Random seed (Space)</source>
        <translation>随机种子（空格）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/latent_dock.py"/>
        <source>Blend seeds in z, keeping the norm</source>
        <translation>在 z 中混合种子，保持范数</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/latent_dock.py"/>
        <source>Blend seeds in w: straighter changes</source>
        <translation>在 w 中混合种子：变化更平直</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/latent_dock.py"/>
        <source>Psi</source>
        <translation>Psi</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/latent_dock.py"/>
        <source>truncation: below 1 pictures are more typical, above 1 more unusual</source>
        <translation>截断：小于 1 图像更典型，大于 1 更少见</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/latent_dock.py"/>
        <source>Cutoff</source>
        <translation>截断层</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/latent_dock.py"/>
        <source>truncate only the layers before this one</source>
        <translation>只截断此层之前的层</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/latent_dock.py"/>
        <source>Constant</source>
        <translation>固定</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/latent_dock.py"/>
        <source>None</source>
        <translation>无</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/latent_dock.py"/>
        <source>Noise</source>
        <translation>噪声</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/latent_dock.py"/>
        <source>Noise: the learned maps, random ones from the seed, or none</source>
        <translation>噪声：学到的噪声图、由种子生成的随机噪声，或不加噪声</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/latent_dock.py"/>
        <source>Noise seed</source>
        <translation>噪声种子</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/latent_dock.py"/>
        <source>Strength</source>
        <translation>强度</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/latent_dock.py"/>
        <source>multiplies the learned strength of the noise</source>
        <translation>乘以学到的噪声强度</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/latent_dock.py"/>
        <source>Noise strength</source>
        <translation>噪声强度</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/latent_dock.py"/>
        <source>Space {space}</source>
        <translation>{space} 空间</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/latent_dock.py"/>
        <location filename="../../latent_studio/ui/widgets/class_picker.py"/>
        <source>Class</source>
        <translation>类别</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/layers_dock.py"/>
        <source>Layer</source>
        <translation>层</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/layers_dock.py"/>
        <source>Look at this layer</source>
        <translation>查看这一层</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/layers_dock.py"/>
        <source>Channels</source>
        <translation>通道</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/layers_dock.py"/>
        <source>Spectrum</source>
        <translation>频谱</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/layers_dock.py"/>
        <source>View</source>
        <translation>显示</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/layers_dock.py"/>
        <source>Channels: feature maps, each from its least to its greatest value. Spectrum: how much lies in which frequencies, in decibels; slow changes in the middle.</source>
        <translation>通道：特征图，每幅按自身的最小值到最大值显示。频谱：各频率所含的能量（分贝），中间为低频。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/layers_dock.py"/>
        <source>Click a channel to enlarge it, again to go back</source>
        <translation>点击通道可放大，再次点击返回</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/layers_dock.py"/>
        <source>All layers' noise as learnt</source>
        <translation>所有层的噪声恢复为学到的强度</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/layers_dock.py"/>
        <source>Noise by layer</source>
        <translation>各层噪声</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/layers_dock.py"/>
        <source>Block {block}: {side}×{side}</source>
        <translation>块 {block}：{side}×{side}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/layers_dock.py"/>
        <source>Feature maps appear with the picture</source>
        <translation>特征图会随图像一起出现</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/layers_dock.py"/>
        <source>{side}×{side}, mean of {count} channels</source>
        <translation>{side}×{side}，{count} 个通道的平均</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/layers_dock.py"/>
        <source>{side}×{side}</source>
        <translation>{side}×{side}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/layers_dock.py"/>
        <source>{count} channels</source>
        <translation>{count} 个通道</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/layers_dock.py"/>
        <source>The {shown} of {count} channels that vary most</source>
        <translation>{count} 个通道中变化最大的 {shown} 个</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/layers_dock.py"/>
        <source>{layer}: {side}×{side}</source>
        <translation>{layer}：{side}×{side}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/layers_dock.py"/>
        <source>Noise of this layer</source>
        <translation>这一层的噪声</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/layers_dock.py"/>
        <source>Noise of layer {layer}</source>
        <translation>第 {layer} 层的噪声</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/map_dock.py"/>
        <source>One colour</source>
        <translation>单一颜色</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/map_dock.py"/>
        <source>Colour</source>
        <translation>颜色</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/map_dock.py"/>
        <source>Colour points by this</source>
        <translation>按此给点着色</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/map_dock.py"/>
        <source>The whole map</source>
        <translation>整张地图</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/map_dock.py"/>
        <source>Mapping latents of {name}…</source>
        <translation>正在绘制 {name} 的潜变量地图…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/map_dock.py"/>
        <source>{count} seeds; across {first:.0%}, up {second:.0%} of the variance</source>
        <translation>{count} 个种子；横轴占方差的 {first:.0%}，纵轴占 {second:.0%}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/map_dock.py"/>
        <source>Map: seed {seed}</source>
        <translation>地图：种子 {seed}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/metrics_choice.py"/>
        <location filename="../../latent_studio/ui/docks/new_run_form.py"/>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <location filename="../../latent_studio/ui/docks/training_tabs.py"/>
        <source>Metrics</source>
        <translation>指标</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/metrics_choice.py"/>
        <source>What the run measures its model by while it learns</source>
        <translation>训练过程中用来衡量模型的指标</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/metrics_choice.py"/>
        <location filename="../../latent_studio/ui/docks/new_run_form.py"/>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/metrics_choice.py"/>
        <source>every </source>
        <translation>每 </translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/metrics_choice.py"/>
        <source> models</source>
        <translation> 个模型</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/metrics_choice.py"/>
        <source>every model</source>
        <translation>每个模型</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/metrics_choice.py"/>
        <source>Measure at every so many saved models</source>
        <translation>每隔几个保存的模型评测一次</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/metrics_choice.py"/>
        <source>How often to measure: at each model file that the run saves, or at every so many</source>
        <translation>评测频率：每保存一个模型文件都评测，或每隔几个评测一次</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/metrics_choice.py"/>
        <source>as preset ({names})</source>
        <translation>按预设（{names}）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/metrics_page.py"/>
        <source>No run has been measured yet. Choose metrics in Settings before you start one, or evaluate the model on the canvas now.</source>
        <translation>还没有评测过的训练。开始训练前可在设置中选择指标，也可以立即评测画布上的模型。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/mixing_dock.py"/>
        <source>Seed of the source</source>
        <translation>来源的种子</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/mixing_dock.py"/>
        <source>Random seed for this source</source>
        <translation>为此来源随机取种子</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/mixing_dock.py"/>
        <source>Remove this source</source>
        <translation>移除此来源</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/mixing_dock.py"/>
        <source>Add a source</source>
        <translation>添加来源</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/mixing_dock.py"/>
        <source>Coarse</source>
        <translation>粗略</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/mixing_dock.py"/>
        <source>Pose and shape from the chosen source</source>
        <translation>姿态和形状取自所选来源</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/mixing_dock.py"/>
        <source>Middle</source>
        <translation>中间</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/mixing_dock.py"/>
        <source>Features from the chosen source</source>
        <translation>五官特征取自所选来源</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/mixing_dock.py"/>
        <source>Fine</source>
        <translation>精细</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/mixing_dock.py"/>
        <source>Colours and details from the chosen source</source>
        <translation>颜色和细节取自所选来源</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/mixing_dock.py"/>
        <source>All</source>
        <translation>全部</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/mixing_dock.py"/>
        <source>Every layer from the chosen source</source>
        <translation>所有层都取自所选来源</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/mixing_dock.py"/>
        <source>Layer {layer} from {letter}</source>
        <translation>第 {layer} 层取自 {letter}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/mixing_dock.py"/>
        <location filename="../../latent_studio/ui/widgets/layer_table.py"/>
        <source>Strength of layer {layer}</source>
        <translation>第 {layer} 层的强度</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/mixing_dock.py"/>
        <source>{group} from {letter}</source>
        <translation>{group}层取自 {letter}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/mixing_dock.py"/>
        <source>Seed of source {letter}</source>
        <translation>来源 {letter} 的种子</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/mixing_dock.py"/>
        <source>Add source {letter}</source>
        <translation>添加来源 {letter}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/mixing_dock.py"/>
        <source>Remove source {letter}</source>
        <translation>移除来源 {letter}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/mixing_dock.py"/>
        <location filename="../../latent_studio/ui/widgets/source_tile.py"/>
        <source>Source {letter}</source>
        <translation>来源 {letter}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/new_run_form.py"/>
        <location filename="../../latent_studio/ui/docks/training_bar.py"/>
        <source>as preset</source>
        <translation>按预设</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/new_run_form.py"/>
        <source>Objective</source>
        <translation>目标函数</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/new_run_form.py"/>
        <source>What the two networks minimise</source>
        <translation>两个网络所最小化的损失</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/new_run_form.py"/>
        <source>ADA: as strong as overfitting demands</source>
        <translation>ADA：强度随过拟合程度调整</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/new_run_form.py"/>
        <source>DiffAugment: always on</source>
        <translation>DiffAugment：始终开启</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/new_run_form.py"/>
        <location filename="../../latent_studio/ui/docks/plot_page.py"/>
        <source>Augmentation</source>
        <translation>数据增强</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/new_run_form.py"/>
        <source>Changes the pictures that D sees, against overfitting on few of them</source>
        <translation>改变判别器看到的图像，防止数据少时过拟合</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/new_run_form.py"/>
        <source>learn the classes of the data</source>
        <translation>学习数据的类别</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/new_run_form.py"/>
        <source>Learn the classes of the data</source>
        <translation>学习数据的类别</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/new_run_form.py"/>
        <source>What is wrong with the run</source>
        <translation>训练设置的问题</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/new_run_form.py"/>
        <source>Begin from</source>
        <translation>初始模型</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/new_run_form.py"/>
        <location filename="../../latent_studio/ui/widgets/class_picker.py"/>
        <source>Classes</source>
        <translation>类别</translation>
    </message>
    <message numerus="yes">
        <location filename="../../latent_studio/ui/docks/new_run_form.py"/>
        <source>%n classes:</source>
        <translation>
            <numerusform>%n 个类别：</numerusform>
        </translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/new_run_form.py"/>
        <source>The networks of this preset cannot learn classes.</source>
        <translation>此预设的网络不能学习类别。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/new_run_form.py"/>
        <source>These data have no classes; sub-folders or labels make them.</source>
        <translation>这些数据没有类别；可用子文件夹或标签划分类别。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/new_run_form.py"/>
        <source>Check the settings</source>
        <translation>检查设置</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/option_table.py"/>
        <source>Name of a setting</source>
        <translation>设置的名称</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/option_table.py"/>
        <source>More settings of the run</source>
        <translation>训练的更多设置</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/option_table.py"/>
        <source>Any other setting by name, such as batch or generator.z_dim; values as numbers, true, false or text. Delete removes a row.</source>
        <translation>按名称填写任何其他设置，例如 batch 或 generator.z_dim；值可以是数字、true、false 或文本。按 Delete 删除一行。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/option_table.py"/>
        <source>More settings</source>
        <translation>更多设置</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/option_table.py"/>
        <source>Value</source>
        <translation>值</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/option_table.py"/>
        <source>What is wrong with the settings</source>
        <translation>设置的问题</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/plot_page.py"/>
        <source>Losses</source>
        <translation>损失</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/plot_page.py"/>
        <source>D scores</source>
        <translation>判别器评分</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/plot_page.py"/>
        <source>Scores</source>
        <translation>评分</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/plot_page.py"/>
        <source>real</source>
        <translation>真实</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/plot_page.py"/>
        <source>fake</source>
        <translation>生成</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/plot_page.py"/>
        <source>R1, gradients, lr</source>
        <translation>R1、梯度、学习率</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/plot_page.py"/>
        <source>Penalties</source>
        <translation>惩罚项</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/plot_page.py"/>
        <source>Gradient norm</source>
        <translation>梯度范数</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/plot_page.py"/>
        <source>Learning rate</source>
        <translation>学习率</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/plot_page.py"/>
        <source>Speed</source>
        <translation>速度</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/plot_page.py"/>
        <source>images/s</source>
        <translation>张/秒</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/plot_page.py"/>
        <source>overfitting</source>
        <translation>过拟合</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/plot_page.py"/>
        <source>Diversity</source>
        <translation>多样性</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/plot_page.py"/>
        <source>features</source>
        <translation>特征</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/plot_page.py"/>
        <source>MS-SSIM</source>
        <translation>MS-SSIM</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/plot_page.py"/>
        <source>collapse</source>
        <translation>坍塌</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/plot_page.py"/>
        <source>Distance</source>
        <translation>距离</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/plot_page.py"/>
        <source>from real pictures</source>
        <translation>与真实图像的距离</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/plot_page.py"/>
        <source>far from good</source>
        <translation>离良好还远</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/plot_page.py"/>
        <source>Lead of D</source>
        <translation>判别器优势</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/plot_page.py"/>
        <source>mean</source>
        <translation>平均</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/plot_page.py"/>
        <source>harder kind</source>
        <translation>较难的一类</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/plot_page.py"/>
        <source>too weak</source>
        <translation>过弱</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/plot_page.py"/>
        <source>too strong</source>
        <translation>过强</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/plot_page.py"/>
        <source>Loss of D</source>
        <translation>判别器损失</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/plot_page.py"/>
        <source>of a guess’s</source>
        <translation>相对随机猜测</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/plot_page.py"/>
        <source>Sign of D</source>
        <translation>判别器符号</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/plot_page.py"/>
        <source>Saturated</source>
        <translation>饱和</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/plot_page.py"/>
        <source>too much</source>
        <translation>过多</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/plot_page.py"/>
        <source>running away</source>
        <translation>发散</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/plot_page.py"/>
        <source>between</source>
        <translation>相互之间</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/plot_page.py"/>
        <source>Spread of features</source>
        <translation>特征离散度</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/plot_page.py"/>
        <source>Likeness (MS-SSIM)</source>
        <translation>相似度（MS-SSIM）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/plot_page.py"/>
        <source>Weight norm</source>
        <translation>权重范数</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/plot_page.py"/>
        <source>model</source>
        <translation>模型</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/plot_page.py"/>
        <source>Curves appear here once a model trains: choose data, then press Start (T).</source>
        <translation>训练开始后，曲线会显示在这里：请选择数据，然后按“开始”(T)。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/registry.py"/>
        <source>Latent</source>
        <translation>潜空间</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/registry.py"/>
        <source>Directions</source>
        <translation>方向</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/registry.py"/>
        <location filename="../../latent_studio/ui/widgets/component_list.py"/>
        <source>Components</source>
        <translation>分量</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/registry.py"/>
        <location filename="../../latent_studio/ui/drag_controller.py"/>
        <source>Drag</source>
        <translation>拖拽</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/registry.py"/>
        <location filename="../../latent_studio/ui/docks/training_bar.py"/>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>Training</source>
        <translation>训练</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/registry.py"/>
        <source>Gallery</source>
        <translation>图库</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/registry.py"/>
        <location filename="../../latent_studio/ui/timeline_player.py"/>
        <location filename="../../latent_studio/ui/widgets/export_dialog.py"/>
        <location filename="../../latent_studio/ui/widgets/timeline_strip.py"/>
        <source>Timeline</source>
        <translation>时间线</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/registry.py"/>
        <source>Map</source>
        <translation>地图</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/registry.py"/>
        <source>History</source>
        <translation>历史记录</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/run_legend.py"/>
        <source>{folder}
A click takes this run out of the plots.</source>
        <translation>{folder}
点击可将此训练从图中移除。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/run_legend.py"/>
        <source>Take {name} out of the plots</source>
        <translation>将 {name} 从图中移除</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/run_menu.py"/>
        <source>Resume a run</source>
        <translation>继续训练任务</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/run_menu.py"/>
        <source>Other folder…</source>
        <translation>其他文件夹…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/run_menu.py"/>
        <source>Open its model in the explorer</source>
        <translation>在探索器中打开它的模型</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/run_menu.py"/>
        <source>Save now</source>
        <translation>立即保存</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/run_menu.py"/>
        <source>Change its settings</source>
        <translation>更改它的设置</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/run_menu.py"/>
        <source>Show the run’s folder</source>
        <translation>显示训练文件夹</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/run_menu.py"/>
        <source>Folder of the run</source>
        <translation>训练文件夹</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <source>Delete a run</source>
        <translation>删除训练任务</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <source>Delete the run “{name}” with its models ({size})?</source>
        <translation>删除训练任务“{name}”及其模型（{size}）？</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <source>This cannot be undone.</source>
        <translation>此操作无法撤销。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <source>Read the list of runs</source>
        <translation>读取训练任务列表</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <source>Tick a run to draw its curves beside those of the run that is shown</source>
        <translation>勾选一个训练任务，将其曲线与当前显示的并排绘制</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <source>Run</source>
        <translation>训练任务</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <location filename="../../latent_studio/ui/docks/trials_model.py"/>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <location filename="../../latent_studio/ui/docks/training_bar.py"/>
        <source>Preset</source>
        <translation>预设</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <source>kimg</source>
        <translation>kimg</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <source>Alarms</source>
        <translation>警报</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <source>Changed</source>
        <translation>修改时间</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <source>Note</source>
        <translation>备注</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <source>There are no runs yet. Start a training; it is listed here then.</source>
        <translation>还没有训练记录。开始训练后会列在这里。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <source>Show</source>
        <translation>显示</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <source>Show its curves; follow it if it runs</source>
        <translation>显示它的曲线；若正在运行则实时跟随</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <source>Go on</source>
        <translation>继续</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <source>Go on training this run</source>
        <translation>继续这个训练任务</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <source>Open model</source>
        <translation>打开模型</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <source>Open its newest model</source>
        <translation>打开它最新的模型</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <source>Give the run another name</source>
        <translation>给训练任务改名</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <source>Note…</source>
        <translation>备注…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <source>Write a note about the run</source>
        <translation>为训练任务写备注</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <source>Delete…</source>
        <translation>删除…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <source>Delete the run with its models</source>
        <translation>删除训练任务及其模型</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <source>None of them is open</source>
        <translation>均已关闭</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <source>Rename a run</source>
        <translation>重命名训练任务</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <source>New name</source>
        <translation>新名称</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <source>Rename the run</source>
        <translation>重命名训练任务</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <source>Note about a run</source>
        <translation>训练任务的备注</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <source>Write the note</source>
        <translation>写入备注</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <source>Delete the run</source>
        <translation>删除训练任务</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <source>{raised}, {standing} open</source>
        <translation>{raised} 个，{standing} 个未处理</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <location filename="../../latent_studio/ui/docks/trials_model.py"/>
        <source>running</source>
        <translation>运行中</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>stopped</source>
        <translation>已停止</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <location filename="../../latent_studio/ui/docks/trials_model.py"/>
        <source>done</source>
        <translation>已完成</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <location filename="../../latent_studio/ui/docks/training_bar.py"/>
        <location filename="../../latent_studio/ui/docks/trials_model.py"/>
        <source>failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/runs_page.py"/>
        <source>damaged</source>
        <translation>已损坏</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/sample_history.py"/>
        <location filename="../../latent_studio/ui/docks/training_tabs.py"/>
        <location filename="../../latent_studio/ui/widgets/discover_dialog.py"/>
        <source>Samples</source>
        <translation>样本</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/sample_history.py"/>
        <source>Sample grids of the run appear here: the same latents over time.</source>
        <translation>训练的样本网格将显示在这里：同一批潜变量随时间的变化。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/sample_history.py"/>
        <source>Moment of the run</source>
        <translation>训练的时刻</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/sample_history.py"/>
        <source>Go back to any earlier moment of the run</source>
        <translation>回到训练中的任意较早时刻</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/sample_history.py"/>
        <source>Open this model</source>
        <translation>打开此模型</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/sample_history.py"/>
        <source>Explore the saved model nearest to this moment</source>
        <translation>探索离这一时刻最近的已保存模型</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/sample_history.py"/>
        <source>Earlier samples</source>
        <translation>较早的样本</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/sample_history.py"/>
        <source>Later samples</source>
        <translation>较晚的样本</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/sample_history.py"/>
        <source>Read samples</source>
        <translation>读取样本</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/sample_history.py"/>
        <source>No model of this run has been saved yet; wait a little or press Save.</source>
        <translation>此训练还没有保存过模型；请稍候，或点“保存”。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/timeline_dock.py"/>
        <source>To the first keyframe</source>
        <translation>到第一个关键帧</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/timeline_dock.py"/>
        <source>Play or pause (P)</source>
        <translation>播放或暂停（P）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/timeline_dock.py"/>
        <source>Add what is shown as a keyframe (K)</source>
        <translation>将当前画面添加为关键帧（K）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/timeline_dock.py"/>
        <source>Put what is shown into the chosen keyframe</source>
        <translation>用当前画面替换所选关键帧</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/timeline_dock.py"/>
        <source>Duplicate the chosen keyframe (D)</source>
        <translation>复制所选关键帧（D）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/timeline_dock.py"/>
        <source>Remove the chosen keyframe (Del)</source>
        <translation>移除所选关键帧（Del）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/timeline_dock.py"/>
        <source>Export video…</source>
        <translation>导出视频…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/timeline_dock.py"/>
        <source>Write the timeline as a video, frame by frame</source>
        <translation>将时间线逐帧写成视频</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/timeline_dock.py"/>
        <location filename="../../latent_studio/ui/export/video_page.py"/>
        <source> s</source>
        <translation> 秒</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/timeline_dock.py"/>
        <source>Seconds to the next keyframe</source>
        <translation>到下一关键帧的秒数</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/timeline_dock.py"/>
        <source>How long the way from the chosen keyframe to the next takes</source>
        <translation>从所选关键帧到下一个关键帧所需的时间</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/timeline_dock.py"/>
        <location filename="../../latent_studio/ui/export/video_page.py"/>
        <source>Easing</source>
        <translation>缓动</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/timeline_dock.py"/>
        <source>Pace of the way to the next keyframe</source>
        <translation>到下一关键帧的节奏</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/timeline_dock.py"/>
        <source>straight in w</source>
        <translation>w 中的直线</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/timeline_dock.py"/>
        <source>spheres in z</source>
        <translation>z 中的球面</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/timeline_dock.py"/>
        <source>smooth curve</source>
        <translation>平滑曲线</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/timeline_dock.py"/>
        <source>How latents go between keyframes: lines, great circles, or one smooth curve</source>
        <translation>潜变量在关键帧之间的走法：直线、大圆弧，或一条平滑曲线</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/timeline_dock.py"/>
        <source>Path</source>
        <translation>路径</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/timeline_dock.py"/>
        <source> fps</source>
        <translation> 帧/秒</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/timeline_dock.py"/>
        <location filename="../../latent_studio/ui/export/video_page.py"/>
        <source>Frames a second</source>
        <translation>每秒帧数</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/timeline_dock.py"/>
        <source>Frames a second, on the canvas and in a video</source>
        <translation>每秒帧数，用于画布和视频</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/timeline_dock.py"/>
        <source>Loop</source>
        <translation>循环</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/timeline_dock.py"/>
        <source>Go back to the first keyframe</source>
        <translation>最后回到第一个关键帧</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/timeline_dock.py"/>
        <source>Path of the timeline</source>
        <translation>时间线的路径</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/timeline_dock.py"/>
        <source>1 keyframe</source>
        <translation>1 个关键帧</translation>
    </message>
    <message numerus="yes">
        <location filename="../../latent_studio/ui/docks/timeline_dock.py"/>
        <source>%n keyframes</source>
        <translation>
            <numerusform>%n 个关键帧</numerusform>
        </translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/timeline_dock.py"/>
        <source>{seconds:.3g} s, {frames} frames</source>
        <translation>{seconds:.3g} 秒，{frames} 帧</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_bar.py"/>
        <source>Start training (T)</source>
        <translation>开始训练（T）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_bar.py"/>
        <source>Pause or go on (T)</source>
        <translation>暂停或继续（T）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_bar.py"/>
        <source>Stop; everything is saved</source>
        <translation>停止；全部内容都会保存</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_bar.py"/>
        <source>Progress of the training</source>
        <translation>训练进度</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_bar.py"/>
        <source>Resume a run, open its model, save, settings…</source>
        <translation>继续训练、打开其模型、保存、设置…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_bar.py"/>
        <source>More about the run</source>
        <translation>训练的更多操作</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_bar.py"/>
        <source>Name of the run</source>
        <translation>训练任务的名称</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_bar.py"/>
        <source> kimg</source>
        <translation> kimg</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_bar.py"/>
        <source>Length of the run in thousands of images</source>
        <translation>训练长度，以千张图像计</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_bar.py"/>
        <source>How long to train, in thousands of images; 0: as the preset says</source>
        <translation>训练多久，以千张图像计；0：按预设</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_bar.py"/>
        <source>Name of the run; its folder is in {folder}</source>
        <translation>训练任务的名称；其文件夹位于 {folder}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_bar.py"/>
        <source>How to train</source>
        <translation>如何训练</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_bar.py"/>
        <source>preparing…</source>
        <translation>正在准备…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_bar.py"/>
        <source>first steps…</source>
        <translation>最初几步…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_bar.py"/>
        <source>{done:,.1f} of {total} kimg</source>
        <translation>{done:,.1f} / {total} kimg</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_bar.py"/>
        <source>{speed:,.0f} img/s</source>
        <translation>{speed:,.0f} 张/秒</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_bar.py"/>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <location filename="../../latent_studio/ui/widgets/progress.py"/>
        <source>{time} left</source>
        <translation>剩余 {time}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_bar.py"/>
        <source>paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_bar.py"/>
        <source>watching</source>
        <translation>旁观中</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_bar.py"/>
        <source>saving…</source>
        <translation>正在保存…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_bar.py"/>
        <source>stopped, saved</source>
        <translation>已停止，已保存</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_dock.py"/>
        <source>About the training</source>
        <translation>关于训练</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_dock.py"/>
        <source>Preparing the data</source>
        <translation>正在准备数据</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_dock.py"/>
        <source>Loading the plots</source>
        <translation>正在加载图表</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_dock.py"/>
        <source>Learning. The picture above follows the model while “live” is on.</source>
        <translation>正在学习。开启“实时”时，上方的图像会跟随模型变化。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_dock.py"/>
        <source>Paused; press T or ▶ to go on.</source>
        <translation>已暂停；按 T 或 ▶ 继续。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_dock.py"/>
        <source>Watching {folder}; nothing is changed in it.</source>
        <translation>正在旁观 {folder}；不会改动其中任何内容。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_dock.py"/>
        <source>Saving everything…</source>
        <translation>正在保存全部内容…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_dock.py"/>
        <source>Ended; everything is saved in {folder}</source>
        <translation>已结束；全部内容已保存在 {folder}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_dock.py"/>
        <source>Failed; see the message. What was saved stays in {folder}</source>
        <translation>失败；请查看消息。已保存的内容仍在 {folder}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_dock.py"/>
        <source>Model saved at {kimg:,.1f} kimg</source>
        <translation>模型已保存，{kimg:,.1f} kimg</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_dock.py"/>
        <source>Everything saved at {kimg:,.1f} kimg</source>
        <translation>全部内容已保存，{kimg:,.1f} kimg</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_dock.py"/>
        <source>endless</source>
        <translation>无限</translation>
    </message>
    <message numerus="yes">
        <location filename="../../latent_studio/ui/docks/training_dock.py"/>
        <source>%n images</source>
        <translation>
            <numerusform>%n 张图像</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <location filename="../../latent_studio/ui/docks/training_dock.py"/>
        <source>%n classes</source>
        <translation>
            <numerusform>%n 个类别</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <location filename="../../latent_studio/ui/docks/training_dock.py"/>
        <source>%n files skipped</source>
        <translation>
            <numerusform>跳过 %n 个文件</numerusform>
        </translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_dock.py"/>
        <source>Data: {words}</source>
        <translation>数据：{words}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_tabs.py"/>
        <source>What tells of the health of a run appears here while it trains.</source>
        <translation>训练时，这里会显示反映训练健康状况的曲线。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_tabs.py"/>
        <source>Health</source>
        <translation>健康</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_tabs.py"/>
        <location filename="../../latent_studio/ui/docks/trials_page.py"/>
        <source>Trials</source>
        <translation>试验</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_tabs.py"/>
        <source>smoothing</source>
        <translation>平滑</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_tabs.py"/>
        <source>Smoothing of the curves</source>
        <translation>曲线平滑</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_tabs.py"/>
        <source>Smoothing of the curves: the trend over the faint values</source>
        <translation>曲线平滑：在淡色数值之上显示趋势</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_tabs.py"/>
        <source>log</source>
        <translation>对数</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_tabs.py"/>
        <source>Logarithmic scale</source>
        <translation>对数刻度</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_tabs.py"/>
        <source>over kimg</source>
        <translation>按 kimg</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_tabs.py"/>
        <source>over steps</source>
        <translation>按步数</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_tabs.py"/>
        <source>over time</source>
        <translation>按时间</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_tabs.py"/>
        <source>Horizontal axis of the curves</source>
        <translation>曲线的横轴</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/training_tabs.py"/>
        <source>What the curves run over: thousands of images, steps, or training time</source>
        <translation>曲线的横轴：千张图像、步数或训练时间</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_model.py"/>
        <source>One of the best</source>
        <translation>最佳之一</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_model.py"/>
        <source>Trial</source>
        <translation>试验</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_model.py"/>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_model.py"/>
        <source>Spent training</source>
        <translation>训练所用时间</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_model.py"/>
        <source>Pruned at</source>
        <translation>剪枝于</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_model.py"/>
        <source>The measurement after which it was given up</source>
        <translation>在这次评测之后放弃</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_model.py"/>
        <source>higher is better</source>
        <translation>越高越好</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_model.py"/>
        <source>lower is better</source>
        <translation>越低越好</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_model.py"/>
        <source>waiting</source>
        <translation>等待中</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_model.py"/>
        <source>pruned</source>
        <translation>已剪枝</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_page.py"/>
        <source>Studies (*.db *.sqlite *.sqlite3);;All files (*)</source>
        <translation>研究 (*.db *.sqlite *.sqlite3);;所有文件 (*)</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_page.py"/>
        <source>Study</source>
        <translation>研究</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_page.py"/>
        <source>Which study of this storage</source>
        <translation>此存储中的哪个研究</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_page.py"/>
        <source>Reading the trials…</source>
        <translation>正在读取试验…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_page.py"/>
        <source>File of a study</source>
        <translation>研究文件</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_page.py"/>
        <source>Folder of a search</source>
        <translation>搜索的文件夹</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_page.py"/>
        <source>Storage that machines share</source>
        <translation>多台机器共享的存储</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_page.py"/>
        <source>Optuna storage URL</source>
        <translation>Optuna 存储 URL</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_page.py"/>
        <source>Trials of the search; a click on a title sorts them</source>
        <translation>超参搜索的试验；点击表头可排序</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_page.py"/>
        <source>Folder of a search…</source>
        <translation>搜索的文件夹…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_page.py"/>
        <source>File of a study…</source>
        <translation>研究文件…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_page.py"/>
        <source>Storage URL…</source>
        <translation>存储 URL…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_page.py"/>
        <source>Use for a new run</source>
        <translation>用于新训练</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_page.py"/>
        <source>Fill the settings of the next run with those of this trial</source>
        <translation>用此试验的设置填写下一次训练</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_page.py"/>
        <source>Make a preset…</source>
        <translation>做成预设…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_page.py"/>
        <source>Keep the settings of this trial as a preset of yours</source>
        <translation>把此试验的设置存为自己的预设</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_page.py"/>
        <source>Show its run</source>
        <translation>显示其训练</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_page.py"/>
        <source>Show the curves of this trial</source>
        <translation>显示此试验的曲线</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_page.py"/>
        <source>The study has no trials yet.</source>
        <translation>该研究还没有试验。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_page.py"/>
        <source>Open the folder of a search, or the database that its machines share: its trials are listed here, also while it goes on. “latent-studio tune” begins one.</source>
        <translation>打开搜索的文件夹，或多台机器共享的数据库：这里会列出其中的试验，搜索进行时也会更新。可用“latent-studio tune”开始一次搜索。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_page.py"/>
        <source>Open a study</source>
        <translation>打开研究</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_page.py"/>
        <source>Which search to show</source>
        <translation>显示哪次搜索</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_page.py"/>
        <source>Study: {name}</source>
        <translation>研究：{name}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_page.py"/>
        <source>Make a preset</source>
        <translation>做成预设</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_page.py"/>
        <source>Name of the preset</source>
        <translation>预设的名称</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_page.py"/>
        <source>Keep the preset</source>
        <translation>保存预设</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_page.py"/>
        <source>The preset “{name}” is among the presets now.</source>
        <translation>预设“{name}”已加入预设列表。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/docks/trials_page.py"/>
        <source>Choose it</source>
        <translation>选用它</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/drag_controller.py"/>
        <source>Mask of a drag</source>
        <translation>拖拽遮罩</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/drag_controller.py"/>
        <source>Click where the last point should go; without a target it stays out of the drag.</source>
        <translation>点击最后一个点应到达的位置；没有目标的点不参与拖动。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/drag_controller.py"/>
        <source>Start the drag, or set more points.</source>
        <translation>开始拖拽，或继续添加点。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/drag_controller.py"/>
        <source>Click where the point should go.</source>
        <translation>点击该点要去的位置。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/drag_controller.py"/>
        <source>Pull a point of the picture to where it should go, or click both places.</source>
        <translation>把图像上的一点拖到它要去的位置，或先后点击这两处。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/drag_controller.py"/>
        <source>A point without a target was left out of the drag.</source>
        <translation>有一个点没有目标，未参与拖动。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/drag_controller.py"/>
        <location filename="../../latent_studio/jobs/bench/window.py"/>
        <source>Dragging</source>
        <translation>正在拖动</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/drag_controller.py"/>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>Stopped.</source>
        <translation>已停止。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/drag_controller.py"/>
        <source>Preparing…</source>
        <translation>正在准备…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/drag_controller.py"/>
        <source>{left:.1f} pixels left</source>
        <translation>还差 {left:.1f} 像素</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/drag_controller.py"/>
        <source>Arrived after {steps} steps.</source>
        <translation>{steps} 步后到达目标。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/drag_controller.py"/>
        <source>{left:.1f} pixels left; start again to go on.</source>
        <translation>还差 {left:.1f} 像素；再次开始可继续。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/drag_controller.py"/>
        <source>The picture was changed meanwhile; the drag was left out.</source>
        <translation>图像期间已被更改；此次拖拽未采用。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/evaluation.py"/>
        <source>FID and the other metrics on Inception-v3 need its weights ({size:.0f} MB), which are not on this computer yet.</source>
        <translation>FID 等基于 Inception-v3 的指标需要它的权重（{size:.0f} MB），本机上还没有。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/grid_page.py"/>
        <source>Export a grid</source>
        <translation>导出网格图</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/grid_page.py"/>
        <source>Seeds in rows and columns</source>
        <translation>按行列排列的种子</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/grid_page.py"/>
        <source>Kind</source>
        <translation>类型</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/grid_page.py"/>
        <source>A sheet of seeds, or styles of one on another</source>
        <translation>一张种子表，或把一些图像的风格用到另一些上</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/grid_page.py"/>
        <source>First seed</source>
        <translation>第一个种子</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/grid_page.py"/>
        <source>The picture at the top left</source>
        <translation>左上角的图像</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/grid_page.py"/>
        <source>Rows</source>
        <translation>行</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/grid_page.py"/>
        <source>Pictures from top to bottom</source>
        <translation>从上到下的图像数</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/grid_page.py"/>
        <source>Columns</source>
        <translation>列</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/grid_page.py"/>
        <source>Pictures from left to right</source>
        <translation>从左到右的图像数</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/grid_page.py"/>
        <source>Row seeds</source>
        <translation>行种子</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/grid_page.py"/>
        <source>Pictures that keep their content: 1-4</source>
        <translation>保留内容的图像：1-4</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/grid_page.py"/>
        <source>Column seeds</source>
        <translation>列种子</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/grid_page.py"/>
        <source>Pictures that give their styles: 5,7,9</source>
        <translation>提供风格的图像：5,7,9</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/grid_page.py"/>
        <source>Layers taken from the columns: 0-3</source>
        <translation>取自列的层：0-3</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/grid_page.py"/>
        <source>Gap</source>
        <translation>间距</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/grid_page.py"/>
        <source>Pixels between the pictures</source>
        <translation>图像之间的像素数</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/grid_page.py"/>
        <location filename="../../latent_studio/ui/export/image_page.py"/>
        <location filename="../../latent_studio/ui/export/timeline_page.py"/>
        <location filename="../../latent_studio/ui/export/video_page.py"/>
        <source>Format</source>
        <translation>格式</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/grid_page.py"/>
        <location filename="../../latent_studio/ui/export/image_page.py"/>
        <location filename="../../latent_studio/ui/export/timeline_page.py"/>
        <location filename="../../latent_studio/ui/export/video_page.py"/>
        <source>Kind of file</source>
        <translation>文件类型</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/grid_page.py"/>
        <source>Style mixing, sources on the edges</source>
        <translation>风格混合，来源在边缘</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/grid_page.py"/>
        <source>Each cell is its row’s picture with the column’s styles in these layers.</source>
        <translation>每格是所在行的图像，这些层使用所在列的风格。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/grid_page.py"/>
        <source>Seeds {first} to {last}, all else as on the canvas.</source>
        <translation>种子 {first} 至 {last}，其余与画布相同。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/image_page.py"/>
        <source>Export the picture</source>
        <translation>导出图像</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/image_page.py"/>
        <source>PNG (restores the scene when dropped here)</source>
        <translation>PNG（拖回此处可恢复场景）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/image_page.py"/>
        <source>JPEG</source>
        <translation>JPEG</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/image_page.py"/>
        <source>WebP</source>
        <translation>WebP</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/image_page.py"/>
        <source>NumPy floats, NCHW, before clamping</source>
        <translation>NumPy 浮点数，NCHW，未截取范围</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/image_page.py"/>
        <source>The PNG holds its scene: drop it on the window to get this state back.</source>
        <translation>PNG 中保存了场景：拖到窗口上即可回到此状态。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/page.py"/>
        <source>Export {name}</source>
        <translation>导出 {name}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/page.py"/>
        <source>There is no saved model to export from. Open one, or save the run first.</source>
        <translation>没有可供导出的已保存模型。请打开一个模型，或先保存训练。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/page.py"/>
        <location filename="../../latent_studio/ui/get_models/table.py"/>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/page.py"/>
        <source>Small models can be written enlarged</source>
        <translation>小模型的图像可以放大后写入</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/page.py"/>
        <source>{side} × {side}  ({scale}×)</source>
        <translation>{side} × {side}  （{scale} 倍）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/page.py"/>
        <source>Written: {path}</source>
        <translation>已写入：{path}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/page.py"/>
        <source>Show folder</source>
        <translation>显示文件夹</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/timeline_page.py"/>
        <source>Export the timeline</source>
        <translation>导出时间线</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/timeline_page.py"/>
        <location filename="../../latent_studio/ui/export/video_page.py"/>
        <source>MP4 (H.264)</source>
        <translation>MP4（H.264）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/timeline_page.py"/>
        <location filename="../../latent_studio/ui/export/video_page.py"/>
        <source>WebM</source>
        <translation>WebM</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/timeline_page.py"/>
        <location filename="../../latent_studio/ui/export/video_page.py"/>
        <source>GIF</source>
        <translation>GIF</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/timeline_page.py"/>
        <location filename="../../latent_studio/ui/export/video_page.py"/>
        <source>Folder of PNG pictures</source>
        <translation>PNG 图像文件夹</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/timeline_page.py"/>
        <location filename="../../latent_studio/ui/export/video_page.py"/>
        <source>New folder (*)</source>
        <translation>新文件夹 (*)</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/timeline_page.py"/>
        <source>Press K on the canvas to add keyframes; a video needs two.</source>
        <translation>在画布上按 K 添加关键帧；视频需要两个关键帧。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/timeline_page.py"/>
        <source>{count} keyframes, {seconds:.3g} s</source>
        <translation>{count} 个关键帧，{seconds:.3g} 秒</translation>
    </message>
    <message numerus="yes">
        <location filename="../../latent_studio/ui/export/timeline_page.py"/>
        <location filename="../../latent_studio/ui/export/video_page.py"/>
        <source>%n frames, written one by one.</source>
        <translation>
            <numerusform>%n 帧，逐帧写入。</numerusform>
        </translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/video_page.py"/>
        <source>Export a video</source>
        <translation>导出视频</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/video_page.py"/>
        <source>Begin with the picture on the canvas</source>
        <translation>从画布上的图像开始</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/video_page.py"/>
        <source>z, along the sphere</source>
        <translation>z，沿球面</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/video_page.py"/>
        <source>Return to the beginning (loops without a jump)</source>
        <translation>回到开头（无缝循环）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/video_page.py"/>
        <source>The first keyframe is what the canvas shows now</source>
        <translation>第一个关键帧是画布当前显示的画面</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/video_page.py"/>
        <source>Seeds</source>
        <translation>种子</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/video_page.py"/>
        <source>The pictures to visit, in this order: 1-4,9</source>
        <translation>依次经过的图像：1-4,9</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/video_page.py"/>
        <source>Length</source>
        <translation>时长</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/video_page.py"/>
        <source>Seconds in all</source>
        <translation>总秒数</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/video_page.py"/>
        <source>Frames/s</source>
        <translation>帧/秒</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/video_page.py"/>
        <source>Path in</source>
        <translation>路径空间</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/video_page.py"/>
        <source>Space in which the walk is straight</source>
        <translation>走直线的空间</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/video_page.py"/>
        <source>Pace between two keyframes</source>
        <translation>两个关键帧之间的节奏</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/video_page.py"/>
        <source>The last frame leads to the first</source>
        <translation>最后一帧衔接到第一帧</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/video_page.py"/>
        <source>w, straight or a curve</source>
        <translation>w，直线或曲线</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/export/video_page.py"/>
        <source>A video needs two keyframes or more; name some seeds.</source>
        <translation>视频需要两个以上的关键帧；请填写几个种子。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/gallery_controller.py"/>
        <source>Delete bookmark</source>
        <translation>删除书签</translation>
    </message>
    <message numerus="yes">
        <location filename="../../latent_studio/ui/gallery_controller.py"/>
        <source>Delete %n bookmarks</source>
        <translation>
            <numerusform>删除 %n 个书签</numerusform>
        </translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/gallery_controller.py"/>
        <source>Rename bookmark</source>
        <translation>重命名书签</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/gallery_controller.py"/>
        <source>Tag bookmarks</source>
        <translation>给书签加标签</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>Not for commercial use</source>
        <translation>不可商用</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>The licence of “{title}” forbids commercial use.</source>
        <translation>“{title}”的许可证禁止商业用途。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>Download for research</source>
        <translation>下载用于研究</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>Delete the downloaded files ({size})?</source>
        <translation>删除已下载的文件（{size}）？</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>The model in your library stays.</source>
        <translation>模型库中的模型会保留。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>Delete files</source>
        <translation>删除文件</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>Get models</source>
        <translation>获取模型</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>Filter: what it shows, architecture, licence …</source>
        <translation>筛选：内容、架构、许可证……</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>Published models</source>
        <translation>已发布的模型</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>Published models; a click on a title sorts them</source>
        <translation>已发布的模型；点击表头可排序</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>Models that others have published. Nothing is fetched before you press Download.</source>
        <translation>他人发布的模型。点“下载”之前不会获取任何内容。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>About this model</source>
        <translation>关于此模型</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>End the download; what has come is kept</source>
        <translation>结束下载；已下载的部分会保留</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>Download</source>
        <translation>下载</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>Delete files…</source>
        <translation>删除文件…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>Delete the downloaded files</source>
        <translation>删除已下载的文件</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <location filename="../../latent_studio/ui/widgets/export_dialog.py"/>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>Downloads go on</source>
        <translation>下载会继续进行</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>No model matches.</source>
        <translation>没有符合条件的模型。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>Reading the catalogue…</source>
        <translation>正在读取目录…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>Download it into your library</source>
        <translation>下载到模型库</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>Continue</source>
        <translation>继续</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>Go on with the download where it stopped</source>
        <translation>从中断处继续下载</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>Let the download rest</source>
        <translation>暂停下载</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>Resume</source>
        <translation>恢复</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>Go on with the download</source>
        <translation>继续下载</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <location filename="../../latent_studio/ui/get_models/fetching.py"/>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>Import the downloaded files and open the model</source>
        <translation>导入已下载的文件并打开模型</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>Open the model</source>
        <translation>打开模型</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>Commercial use is forbidden.</source>
        <translation>禁止商业用途。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>Whether commercial use is allowed is not clear.</source>
        <translation>是否允许商业用途尚不明确。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>Commercial use is allowed.</source>
        <translation>允许商业用途。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>checked by SHA-256</source>
        <translation>以 SHA-256 校验</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>no published SHA-256</source>
        <translation>未公布 SHA-256</translation>
    </message>
    <message numerus="yes">
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>%n class(es)</source>
        <translation>
            <numerusform>%n 个类别</numerusform>
        </translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>About it:</source>
        <translation>相关说明：</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>Comes from: {addresses}</source>
        <translation>来源：{addresses}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>Facts from: {sources}</source>
        <translation>信息出处：{sources}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>All else works without the web. You can also fetch the file from its address below with a browser, and drop it on the window.</source>
        <translation>其他功能都不需要联网。也可以用浏览器从下面的地址下载文件，再拖到窗口上。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/fetching.py"/>
        <source>Getting {title}</source>
        <translation>正在获取 {title}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/fetching.py"/>
        <source>Deleting</source>
        <translation>正在删除</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/fetching.py"/>
        <source>{title} is in your library as {name}.</source>
        <translation>{title} 已加入模型库，名称为 {name}。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/table.py"/>
        <source>Not commercial</source>
        <translation>不可商用</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/table.py"/>
        <source>Unclear</source>
        <translation>不明确</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/table.py"/>
        <source>Commercial, too</source>
        <translation>可商用</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/table.py"/>
        <source>{size} of it is here</source>
        <translation>已有 {size}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/table.py"/>
        <source>Connecting…</source>
        <translation>正在连接…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/table.py"/>
        <source>Paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/table.py"/>
        <source>Downloaded</source>
        <translation>已下载</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/table.py"/>
        <source>In your library</source>
        <translation>已在模型库中</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/table.py"/>
        <source>Importing…</source>
        <translation>正在导入…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/table.py"/>
        <source>Paused · {done}</source>
        <translation>已暂停 · {done}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/table.py"/>
        <source>{done} · {time} left</source>
        <translation>{done} · 剩余 {time}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/table.py"/>
        <location filename="../../latent_studio/ui/widgets/discover_dialog.py"/>
        <source>Pictures</source>
        <translation>图像</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/table.py"/>
        <source>Architecture</source>
        <translation>架构</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/table.py"/>
        <source>Side</source>
        <translation>边长</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/table.py"/>
        <source>Licence</source>
        <translation>许可证</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/get_models/table.py"/>
        <source>Here</source>
        <translation>本机</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/grid_view.py"/>
        <source>Pick seed {seed}</source>
        <translation>选取种子 {seed}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/i18n.py"/>
        <source>System language</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/looks.py"/>
        <source>As the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/looks.py"/>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/looks.py"/>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/looks.py"/>
        <source>Nearest (square pixels)</source>
        <translation>最近邻（方形像素）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/looks.py"/>
        <source>Automatic</source>
        <translation>自动</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/looks.py"/>
        <source>Smooth</source>
        <translation>平滑</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/main_window.py"/>
        <source>Latent Studio</source>
        <translation>Latent Studio</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/main_window.py"/>
        <location filename="../../latent_studio/ui/widgets/keys_dialog.py"/>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/main_window.py"/>
        <location filename="../../latent_studio/ui/widgets/keys_dialog.py"/>
        <source>Redo</source>
        <translation>重做</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/main_window.py"/>
        <source>Drag a slider, press Space for another face, T to train</source>
        <translation>拖动滑块，按空格换一张脸，按 T 开始训练</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/main_window.py"/>
        <source>No model</source>
        <translation>没有模型</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/main_window.py"/>
        <source>Model: {title}</source>
        <translation>模型：{title}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/main_window.py"/>
        <source>Opening the model…</source>
        <translation>正在打开模型…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/main_window.py"/>
        <source>The picture is in the clipboard.</source>
        <translation>图像已复制到剪贴板。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/main_window.py"/>
        <source>Looking at the file</source>
        <translation>正在查看文件</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/main_window.py"/>
        <source>The training is still being saved. Close the window again in a moment.</source>
        <translation>训练仍在保存。请稍后再关闭窗口。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/model_controller.py"/>
        <location filename="../../latent_studio/ui/run_models.py"/>
        <source>Opening the model</source>
        <translation>正在打开模型</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/model_controller.py"/>
        <source>Reading the picture</source>
        <translation>正在读取图像</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/model_controller.py"/>
        <source>Open scene</source>
        <translation>打开场景</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/model_controller.py"/>
        <source>Open {name}</source>
        <translation>打开 {name}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/model_controller.py"/>
        <source>Searching directions</source>
        <translation>正在搜索方向</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/model_controller.py"/>
        <source>New directions: {names}</source>
        <translation>新方向：{names}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/model_controller.py"/>
        <source>{message}. The model’s own file stays as it is; they last until it is closed.</source>
        <translation>{message}。模型文件本身不变；新方向保留到模型关闭为止。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/model_controller.py"/>
        <source>Saving a copy</source>
        <translation>正在保存副本</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/model_menu.py"/>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/model_menu.py"/>
        <source>Bundled</source>
        <translation>内置</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/model_menu.py"/>
        <source>My models</source>
        <translation>我的模型</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/model_menu.py"/>
        <source>Recent</source>
        <translation>最近</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/notifications.py"/>
        <source>Something unexpected went wrong: {what}</source>
        <translation>发生了意外错误：{what}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>Find photographs in the model</source>
        <translation>在模型中查找照片</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>The photograph as the model sees it</source>
        <translation>模型所看到的照片</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>What was found so far</source>
        <translation>目前找到的结果</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>Photographs</source>
        <translation>照片</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>Double-click, or Enter: show what was found as the scene</source>
        <translation>双击或按回车：把找到的结果显示为场景</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>Add photographs</source>
        <translation>添加照片</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>Take the chosen photograph out of the list</source>
        <translation>从列表中移除所选照片</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>Align the face</source>
        <translation>对齐人脸</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>By eyes and mouth, as the model’s own pictures are; else the middle is taken</source>
        <translation>按眼睛和嘴对齐，与模型自己的图像一致；否则取照片中央</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>W: the most editable</source>
        <translation>W：最易编辑</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>W+: closer</source>
        <translation>W+：更接近</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>W+ and noise maps: closer still</source>
        <translation>W+ 加噪声图：再接近些</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>Tuned weights: a model of its own</source>
        <translation>调整权重：成为单独的模型</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>Search in</source>
        <translation>搜索空间</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>What may be changed until the photograph appears</source>
        <translation>为了让照片出现，可以改变什么</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>Effort</source>
        <translation>力度</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>multiplies the steps</source>
        <translation>乘以步数</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>Search the listed photographs; stopping keeps the best so far</source>
        <translation>查找列表中的照片；停止时保留目前最好的结果</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>A search that runs goes on</source>
        <translation>正在进行的查找会继续</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>Progress of the search</source>
        <translation>查找进度</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>As the model sees it</source>
        <translation>模型所见</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>Reading…</source>
        <translation>正在读取…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>Reading photographs</source>
        <translation>正在读取照片</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>It cannot be read; the message says why.</source>
        <translation>无法读取；消息中说明了原因。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>Put the points on eyes and mouth, then start.</source>
        <translation>把点放在眼睛和嘴上，然后开始。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>Pictures ({patterns})</source>
        <translation>图像 ({patterns})</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>Stopping…</source>
        <translation>正在停止…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>Finding photographs</source>
        <translation>正在查找照片</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>Looking at random pictures…</source>
        <translation>正在查看随机图像…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>Photograph {name}</source>
        <translation>照片 {name}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>It did not work; the message says why.</source>
        <translation>没有成功；消息中说明了原因。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>Add photographs, or drop them here.</source>
        <translation>添加照片，或拖到这里。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/dialog.py"/>
        <source>PSNR {psnr:.1f} dB, SSIM {ssim:.2f}</source>
        <translation>PSNR {psnr:.1f} dB，SSIM {ssim:.2f}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/photo_view.py"/>
        <source>Photograph with its guide</source>
        <translation>带对齐参考的照片</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/photo_view.py"/>
        <source>Put the points on the eyes and the mouth. Space: next point, arrows: move it.</source>
        <translation>把点放在眼睛和嘴上。空格：下一个点，方向键：移动。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/photo_view.py"/>
        <source>left eye</source>
        <translation>左眼</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/photo_view.py"/>
        <source>right eye</source>
        <translation>右眼</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/photo_view.py"/>
        <source>mouth</source>
        <translation>嘴</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/photos/photo_view.py"/>
        <source>Drop photographs here</source>
        <translation>把照片拖到这里</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/placement.py"/>
        <location filename="../../latent_studio/ui/widgets/transform_rows.py"/>
        <source>Move the picture</source>
        <translation>移动图像</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/plots/legend.py"/>
        <source>Show or hide “{curve}”</source>
        <translation>显示或隐藏“{curve}”</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/plots/numbers.py"/>
        <location filename="../../latent_studio/ui/widgets/timeline_strip.py"/>
        <source>{s} s</source>
        <translation>{s} 秒</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/plots/numbers.py"/>
        <source>{min} min {s:02d} s</source>
        <translation>{min} 分 {s:02d} 秒</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/plots/numbers.py"/>
        <source>{h} h {min:02d} min</source>
        <translation>{h} 小时 {min:02d} 分</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/plots/numbers.py"/>
        <source>{d} d {h} h</source>
        <translation>{d} 天 {h} 小时</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/random_walk.py"/>
        <source>Random walk {seed}</source>
        <translation>随机漫步 {seed}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/run_models.py"/>
        <source>Latest model of the run</source>
        <translation>训练的最新模型</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/run_settings.py"/>
        <source>Read the run’s settings</source>
        <translation>读取训练设置</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/run_watch.py"/>
        <source>Read the run</source>
        <translation>读取训练</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/sessions.py"/>
        <source>Opening the session</source>
        <translation>正在打开会话</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/sessions.py"/>
        <source>Saved: {name}</source>
        <translation>已保存：{name}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/sessions.py"/>
        <source>without a name</source>
        <translation>未命名</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/sessions.py"/>
        <source>A window ended unexpectedly; its session ({name}) was kept.</source>
        <translation>有一个窗口意外结束；其会话（{name}）已保留。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/sessions.py"/>
        <source>Restore</source>
        <translation>恢复</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/sessions.py"/>
        <source>Discard</source>
        <translation>丢弃</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/sessions.py"/>
        <source>Restoring the session</source>
        <translation>正在恢复会话</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/sessions.py"/>
        <source>Open session</source>
        <translation>打开会话</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/sessions.py"/>
        <source>Sessions (*.latentstudio);;All files (*)</source>
        <translation>会话 (*.latentstudio);;所有文件 (*)</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/sessions.py"/>
        <source>Open a session</source>
        <translation>打开会话</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/sessions.py"/>
        <source>Sessions (*.latentstudio)</source>
        <translation>会话 (*.latentstudio)</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/sessions.py"/>
        <source>Save the session</source>
        <translation>保存会话</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/sessions.py"/>
        <source>The session is not saved</source>
        <translation>会话尚未保存</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/sessions.py"/>
        <source>“{name}” has changes that are not saved.</source>
        <translation>“{name}”有未保存的更改。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/sessions.py"/>
        <source>The timeline is not saved.</source>
        <translation>时间线尚未保存。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/sessions.py"/>
        <source>Save them before the window closes?</source>
        <translation>关闭窗口前要保存吗？</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/sessions.py"/>
        <source>Save it before the window closes?</source>
        <translation>要在窗口关闭前保存它吗？</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/sessions.py"/>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>Measuring {name}</source>
        <translation>正在评测 {name}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>Reading {name}</source>
        <translation>正在读取 {name}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>Fetching {name}</source>
        <translation>正在获取 {name}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>Computing {name}</source>
        <translation>正在计算 {name}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>Distance at {size} pixels</source>
        <translation>{size} 像素下的距离</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>Mapping latents</source>
        <translation>正在绘制潜变量地图</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>importing {name}</source>
        <translation>正在导入 {name}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>reading {name}</source>
        <translation>正在读取 {name}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>writing {name}</source>
        <translation>正在写入 {name}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>Fréchet distance, {features} features</source>
        <translation>Fréchet 距离，{features}特征</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>Kernel distance, {features} features</source>
        <translation>核距离（KID），{features}特征</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>Improved precision and recall, {features} features</source>
        <translation>改进的精确率与召回率，{features}特征</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>Density and coverage, {features} features</source>
        <translation>密度与覆盖率，{features}特征</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>Perceptual path length, {features} features</source>
        <translation>感知路径长度（PPL），{features}特征</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>OpenVINO is not used: {reason}</source>
        <translation>未使用 OpenVINO：{reason}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>no faster backend: {error}</source>
        <translation>没有更快的后端：{error}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>The discriminator knows the training pictures by heart.{cure}</source>
        <translation>判别器已把训练图像背了下来。{cure}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>generated pictures differ {value} times as much as real ones (alarm below {limit}){more}</source>
        <translation>生成图像之间的差异是真实图像的 {value} 倍（低于 {limit} 报警）{more}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>; by structural similarity {value}</source>
        <translation>；按结构相似度为 {value}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>its loss is {share} of a guess (alarm below {limit}), and it is right on {part} of the harder kind (alarm above {most})</source>
        <translation>其损失为随机猜测的 {share}（低于 {limit} 报警），在较难的一类上正确率为 {part}（高于 {most} 报警）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>its gradient is {part} of what it was (alarm below {limit})</source>
        <translation>其梯度只有原来的 {part}（低于 {limit} 报警）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>it is right on {part}{loss} (alarm below {least}, or above {most}), while the pictures are {gap} apart (alarm above {limit})</source>
        <translation>其正确率为 {part}{loss}（低于 {least} 或高于 {most} 报警），而图像之间的距离为 {gap}（高于 {limit} 报警）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source> at {share} of a guess's loss</source>
        <translation>，损失为随机猜测的 {share}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>sign of the scores of real pictures {value} after {epochs} passes over the data (alarm above {limit}), and the pictures get no better</source>
        <translation>遍历数据 {epochs} 遍后，真实图像评分的符号均值为 {value}（高于 {limit} 报警），且图像不再变好</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>{share} of D's weights stand at the clip's ± {bound} (alarm from {limit})</source>
        <translation>判别器 {share} 的权重停在裁剪边界 ± {bound}（达到 {limit} 时报警）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>{name} is no longer a number</source>
        <translation>{name} 已不是有效数值</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>{name}: {value} (alarm from {limit})</source>
        <translation>{name}：{value}（达到 {limit} 报警）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>{name} is {value}, {factor} times its median (alarm from {limit})</source>
        <translation>{name} 为 {value}，是其中位数的 {factor} 倍（达到 {limit} 报警）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>{name} is {value}, {factor} times that of {ticks} ticks ago (alarm from 2)</source>
        <translation>{name} 为 {value}，是 {ticks} 个统计周期前的 {factor} 倍（达到 2 报警）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>distance from the real pictures {value}, {part} of the best before the last {ticks} ticks (alarm from {share}, above {limit})</source>
        <translation>与真实图像的距离为 {value}，是最近 {ticks} 个统计周期之前最好值的 {part}（达到 {share} 且高于 {limit} 报警）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source> A lower target makes the augmentation stronger.</source>
        <translation>调低目标值可加强数据增强。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source> Augmentation (--aug ada) prevents it.</source>
        <translation>数据增强（--aug ada）可以避免。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>D's loss in guesses</source>
        <translation>判别器损失与随机猜测之比</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>share of values at the ends of the range</source>
        <translation>处于取值范围两端的数值比例</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>random</source>
        <translation>随机</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>linear</source>
        <translation>匀速</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>smooth</source>
        <translation>平滑</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>smoother</source>
        <translation>更平滑</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>ease-in</source>
        <translation>缓入</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>ease-out</source>
        <translation>缓出</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>ease-in-out</source>
        <translation>缓入缓出</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>sine</source>
        <translation>正弦</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>OpenVINO does not load here</source>
        <translation>OpenVINO 无法在此加载</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>a faster backend is being prepared</source>
        <translation>正在准备更快的后端</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>its weights are in training</source>
        <translation>其权重正在训练中</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>Scoring samples</source>
        <translation>正在给样本评分</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>Looking at real pictures</source>
        <translation>正在查看真实图像</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/spoken.py"/>
        <source>Making pictures</source>
        <translation>正在生成图像</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/study_watch.py"/>
        <source>Read the trials</source>
        <translation>读取试验</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/timeline_player.py"/>
        <source>The timeline is of another model ({name}). Double click a keyframe to open it.</source>
        <translation>时间线属于另一个模型（{name}）。双击关键帧可打开它。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/timeline_player.py"/>
        <source>A timeline needs two keyframes; press K to add what is shown.</source>
        <translation>时间线需要两个关键帧；按 K 添加当前画面。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/timeline_player.py"/>
        <source>Timeline at {seconds:.1f} s</source>
        <translation>时间线 {seconds:.1f} 秒</translation>
    </message>
    <message numerus="yes">
        <location filename="../../latent_studio/ui/timeline_state.py"/>
        <source>Add %n keyframes</source>
        <translation>
            <numerusform>添加 %n 个关键帧</numerusform>
        </translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/timeline_state.py"/>
        <source>Duplicate keyframe</source>
        <translation>复制关键帧</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/timeline_state.py"/>
        <source>Remove keyframe</source>
        <translation>移除关键帧</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/timeline_state.py"/>
        <source>Move keyframe</source>
        <translation>移动关键帧</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/timeline_state.py"/>
        <source>Replace keyframe</source>
        <translation>替换关键帧</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/timeline_state.py"/>
        <source>Length of a way</source>
        <translation>调整过渡时长</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/timeline_state.py"/>
        <source>Pace of a way</source>
        <translation>调整过渡节奏</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/training_choices.py"/>
        <source>Look through {name}</source>
        <translation>查看 {name}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/training_choices.py"/>
        <source>Load presets</source>
        <translation>加载预设</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/training_controller.py"/>
        <source>run “{name}” · preparing data</source>
        <translation>训练“{name}”· 正在准备数据</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/training_controller.py"/>
        <source>run “{name}”</source>
        <translation>训练“{name}”</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/training_controller.py"/>
        <source>run “{name}” {kimg:,.0f} kimg</source>
        <translation>训练“{name}”{kimg:,.0f} kimg</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/training_controller.py"/>
        <source>{where} · paused</source>
        <translation>{where} · 已暂停</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/training_controller.py"/>
        <source>{where} · saving</source>
        <translation>{where} · 正在保存</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/training_controller.py"/>
        <source>{where} · watching</source>
        <translation>{where} · 旁观中</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/training_controller.py"/>
        <source>{where} · first steps</source>
        <translation>{where} · 最初几步</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/training_controller.py"/>
        <source>{where} · {speed:,.0f} img/s</source>
        <translation>{where} · {speed:,.0f} 张/秒</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/training_controller.py"/>
        <source>Read the run’s history</source>
        <translation>读取训练历史</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/training_controller.py"/>
        <source>The training “{name}” is done.</source>
        <translation>训练“{name}”已完成。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/class_picker.py"/>
        <source>Search: name or number</source>
        <translation>搜索：名称或编号</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/class_picker.py"/>
        <source>Mix in another class</source>
        <translation>混入另一个类别</translation>
    </message>
    <message numerus="yes">
        <location filename="../../latent_studio/ui/widgets/class_picker.py"/>
        <source>Mix of %n classes</source>
        <translation>
            <numerusform>%n 个类别的混合</numerusform>
        </translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/class_picker.py"/>
        <source>Class of a conditional model: click to search</source>
        <translation>条件模型的类别：点击可搜索</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/class_picker.py"/>
        <source>share of this class; the others give way</source>
        <translation>此类别所占比例；其余相应减少</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/class_picker.py"/>
        <source>Take {title} out of the mix</source>
        <translation>从混合中移除 {title}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/component_list.py"/>
        <source>Drag a track; double-click resets it, on the number types a value.</source>
        <translation>拖动滑轨；双击重置，双击数字可输入数值。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/discover_dialog.py"/>
        <source>Ways to find directions</source>
        <translation>寻找方向的方式</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/discover_dialog.py"/>
        <source>What the model varies most, in order; needs no labels</source>
        <translation>模型变化最大的方向，依次排列；不需要标签</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/discover_dialog.py"/>
        <source>Attributes from labelled pictures</source>
        <translation>从带标签的图像中学习属性</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/discover_dialog.py"/>
        <source>Learns e.g. smile or glasses from pictures with an attributes.csv</source>
        <translation>从附有 attributes.csv 的图像中学习，例如微笑或眼镜</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/discover_dialog.py"/>
        <source>Number of components</source>
        <translation>主成分的数量</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/discover_dialog.py"/>
        <source>Reading the attributes…</source>
        <translation>正在读取属性…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/discover_dialog.py"/>
        <source>Reading attributes of {name}</source>
        <translation>正在读取 {name} 的属性</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/discover_dialog.py"/>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/discover_dialog.py"/>
        <source>Pictures with an attributes.csv</source>
        <translation>附有 attributes.csv 的图像</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/discover_dialog.py"/>
        <source>Labelled pictures</source>
        <translation>带标签的图像</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/discover_dialog.py"/>
        <source>Folder…</source>
        <translation>文件夹…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/discover_dialog.py"/>
        <source>Zip file…</source>
        <translation>Zip 文件…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/discover_dialog.py"/>
        <source>Each checked one becomes a slider</source>
        <translation>每个勾选的属性都会成为一个滑块</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/discover_dialog.py"/>
        <source>Generated samples to judge by: more are slower and surer</source>
        <translation>用于判断的生成样本数：越多越慢，也越可靠</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/discover_dialog.py"/>
        <source>Number</source>
        <translation>数量</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/discover_dialog.py"/>
        <source>Search</source>
        <translation>搜索</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/discover_dialog.py"/>
        <source>Search in the background</source>
        <translation>在后台搜索</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/discover_dialog.py"/>
        <location filename="../../latent_studio/ui/widgets/export_dialog.py"/>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>Close this window (Esc)</source>
        <translation>关闭此窗口（Esc）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/discover_dialog.py"/>
        <source>Candidates</source>
        <translation>候选方向</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/discover_dialog.py"/>
        <source>What the model varies by itself, as pictures</source>
        <translation>以图像展示模型自身的主要变化</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/discover_dialog.py"/>
        <source>Components, or attributes of labelled pictures</source>
        <translation>主成分，或带标签图像的属性</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/discover_dialog.py"/>
        <source>By hand</source>
        <translation>手工标注</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/discover_dialog.py"/>
        <source>Say yes or no to samples</source>
        <translation>对样本说是或否</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/discover_dialog.py"/>
        <source>Difference</source>
        <translation>差值</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/discover_dialog.py"/>
        <source>From one picture to another</source>
        <translation>从一幅图像到另一幅</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/discover_dialog.py"/>
        <source>Takes some minutes; it can be cancelled, and the window stays usable.</source>
        <translation>需要几分钟；可以取消，期间窗口可照常使用。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/export_dialog.py"/>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/export_dialog.py"/>
        <source>Video</source>
        <translation>视频</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/export_dialog.py"/>
        <source>Choose a file and write it in the background</source>
        <translation>选择文件，并在后台写入</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/guide_dialog.py"/>
        <source>User guide</source>
        <translation>用户指南</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/keys_dialog.py"/>
        <source>Hold: the picture unedited, or A</source>
        <translation>按住：未经编辑的图像，或 A</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/keys_dialog.py"/>
        <source>Keys</source>
        <translation>快捷键</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/keys_dialog.py"/>
        <source>Single keys act unless a field or button with the focus uses them.</source>
        <translation>单键在焦点不在输入框或按钮上时生效。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/layer_table.py"/>
        <source>Layer {layer}, {size}×{size}</source>
        <translation>第 {layer} 层，{size}×{size}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/layer_table.py"/>
        <source>Layer {layer} from source {letter}</source>
        <translation>第 {layer} 层取自来源 {letter}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/many_choice.py"/>
        <source>They are being looked up…</source>
        <translation>正在查找…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/notification_bar.py"/>
        <source>Message</source>
        <translation>消息</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/notification_bar.py"/>
        <source>Copy details</source>
        <translation>复制详情</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/notification_bar.py"/>
        <source>Close this message</source>
        <translation>关闭此消息</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/notification_bar.py"/>
        <source>Messages</source>
        <translation>消息</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/notification_bar.py"/>
        <source>All messages of this session, newest first</source>
        <translation>本次运行的全部消息，最新在前</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/notification_bar.py"/>
        <source>Copy all</source>
        <translation>全部复制</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/notification_bar.py"/>
        <source>Copy all messages with their details</source>
        <translation>复制全部消息及其详情</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/progress.py"/>
        <source>Cancel: {title}</source>
        <translation>取消：{title}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/progress.py"/>
        <source>cancelling…</source>
        <translation>正在取消…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/progress.py"/>
        <source>Running jobs</source>
        <translation>正在进行的工作</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/quality_mark.py"/>
        <source>Effect: from −{amount:g} to +{amount:g}, {low:.0%} to {high:.0%} of the pictures have “{own}” ({middle:.0%} at 0)</source>
        <translation>效果：从 −{amount:g} 到 +{amount:g}，带有“{own}”的图像占 {low:.0%} 到 {high:.0%}（0 处为 {middle:.0%}）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/quality_mark.py"/>
        <source>Leakage onto others: {leaks}</source>
        <translation>对其他属性的泄漏：{leaks}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/quality_mark.py"/>
        <source>none known</source>
        <translation>未知</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/quality_mark.py"/>
        <source>Distance: the pictures change by {distance:.0%} of the way to another seed</source>
        <translation>距离：图像的变化相当于换一个种子的 {distance:.0%}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/quality_mark.py"/>
        <source>Measured on {seeds} pictures at psi {psi:g}</source>
        <translation>在 {seeds} 幅图像上测得，psi 为 {psi:g}</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>Appearance</source>
        <translation>外观</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <location filename="../../latent_studio/metrics/evaluate.py"/>
        <source>Computing</source>
        <translation>计算</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>Storage</source>
        <translation>存储</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>Colours of the window</source>
        <translation>窗口的配色</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>Language of the window; takes effect at the next start</source>
        <translation>窗口的语言；下次启动时生效</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>Takes effect at the next start.</source>
        <translation>下次启动时生效。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>Best available</source>
        <translation>自动选择最佳</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>Processor (CPU)</source>
        <translation>处理器（CPU）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>NVIDIA graphics (CUDA)</source>
        <translation>NVIDIA 显卡（CUDA）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>Apple graphics (MPS)</source>
        <translation>Apple 显卡（MPS）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>Device</source>
        <translation>设备</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>What renders and trains</source>
        <translation>用于渲染和训练的设备</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>Best for the device</source>
        <translation>最适合设备的精度</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>fp32 is exact; bf16 and fp16 are faster where the device has them</source>
        <translation>fp32 精确；bf16 和 fp16 在支持的设备上更快</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>Precision</source>
        <translation>精度</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>Fastest that is exact enough</source>
        <translation>足够精确中最快的</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>PyTorch</source>
        <translation>PyTorch</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>OpenVINO (CPU)</source>
        <translation>OpenVINO（CPU）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>CUDA graphs (NVIDIA)</source>
        <translation>CUDA 图（NVIDIA）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>torch.compile</source>
        <translation>torch.compile</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>What runs the network; each is compared with PyTorch before it is used</source>
        <translation>运行网络的后端；使用前都会与 PyTorch 比对</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>Backend</source>
        <translation>后端</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>Smaller pictures while dragging</source>
        <translation>拖动时使用较小的图像</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>When full pictures can’t follow the hand; refined when it rests</source>
        <translation>当完整图像跟不上手的动作时使用；停下后恢复清晰</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>Folder of runs</source>
        <translation>训练文件夹</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>Choose the folder of runs</source>
        <translation>选择存放训练任务的文件夹</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>Where runs go</source>
        <translation>训练任务的存放位置</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>all cores</source>
        <translation>所有核心</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>Processor threads of new runs; a run keeps its number</source>
        <translation>新训练使用的处理器线程数；已有训练保持不变</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>Threads</source>
        <translation>线程数</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>measuring…</source>
        <translation>正在测量…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>Clear</source>
        <translation>清除</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>Clear the cache</source>
        <translation>清除缓存</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>Decoded images and the like; made again when needed</source>
        <translation>解码后的图像等；需要时会重新生成</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>Cache</source>
        <translation>缓存</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>Measure the cache</source>
        <translation>测量缓存大小</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/settings_dialog.py"/>
        <source>The training reads from the cache; stop it first.</source>
        <translation>训练正在读取缓存；请先停止训练。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/slider.py"/>
        <source>Drag, or type a value; double-click resets.</source>
        <translation>拖动，或输入数值；双击重置。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/slider.py"/>
        <source>{label}, value</source>
        <translation>{label}，数值</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/source_tile.py"/>
        <source>Source A: the picture itself</source>
        <translation>来源 A：图像本身</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/source_tile.py"/>
        <source>Source {letter}: layers can take their styles from it</source>
        <translation>来源 {letter}：各层可以取用它的风格</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/source_tile.py"/>
        <source>vector</source>
        <translation>向量</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/status.py"/>
        <source>Show all messages</source>
        <translation>显示全部消息</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/status.py"/>
        <source>Starting…</source>
        <translation>正在启动…</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/status.py"/>
        <source>{fps:.0f} fps</source>
        <translation>{fps:.0f} 帧/秒</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/status.py"/>
        <source>{ms:.1f} ms</source>
        <translation>{ms:.1f} 毫秒</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/status.py"/>
        <source>{kimg:,.0f} kimg</source>
        <translation>{kimg:,.0f} kimg</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/timeline_strip.py"/>
        <source>Drag a picture to reorder, the end of a way to change its length, the ruler to look.
Double click: go to the keyframe. Ctrl+wheel: zoom. Arrow keys choose, with Alt move; + and − lengthen and shorten; D duplicates, Del removes.</source>
        <translation>拖动图像可调整顺序，拖动过渡的末端可改变其时长，拖动标尺可预览。
双击：前往关键帧。Ctrl+滚轮：缩放。方向键选择，加 Alt 移动；+ 和 − 延长或缩短；D 复制，Del 移除。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/timeline_strip.py"/>
        <source>Keyframe {number} of {count}, {seconds:g} seconds to the next</source>
        <translation>第 {number} 个关键帧，共 {count} 个，距下一个 {seconds:g} 秒</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/timeline_strip.py"/>
        <source>Press K to add what is shown as a keyframe.</source>
        <translation>按 K 将当前画面添加为关键帧。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/transform_rows.py"/>
        <source>Move right</source>
        <translation>右移</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/transform_rows.py"/>
        <source>in widths of the picture; M moves it by hand</source>
        <translation>以图像宽度为单位；按 M 可手动移动</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/transform_rows.py"/>
        <source>Move down</source>
        <translation>下移</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/transform_rows.py"/>
        <source>in heights of the picture; M moves it by hand</source>
        <translation>以图像高度为单位；按 M 可手动移动</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/transform_rows.py"/>
        <source>Turn</source>
        <translation>旋转</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/transform_rows.py"/>
        <source>degrees counter-clockwise; videos turn from one key to the next</source>
        <translation>逆时针角度；视频会从一个关键帧转到下一个</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/transform_rows.py"/>
        <source>Put the picture back</source>
        <translation>将图像复位</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/transform_rows.py"/>
        <source>Placement</source>
        <translation>位置</translation>
    </message>
    <message>
        <location filename="../../latent_studio/ui/widgets/transform_rows.py"/>
        <source>Turn the picture</source>
        <translation>旋转图像</translation>
    </message>
    <message>
        <location filename="../../latent_studio/training/presets.py"/>
        <source>MLP, 28×28 digits</source>
        <translation>MLP，28×28 数字</translation>
    </message>
    <message>
        <location filename="../../latent_studio/training/presets.py"/>
        <source>The classic first GAN: dense layers only, digits appear within a minute.</source>
        <translation>最经典的入门 GAN：只有全连接层，一分钟内就能看到数字。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/training/presets.py"/>
        <source>DCGAN, 64×64</source>
        <translation>DCGAN，64×64</translation>
    </message>
    <message>
        <location filename="../../latent_studio/training/presets.py"/>
        <source>Shows learning fastest: faces after a few minutes on a CPU; no style to edit.</source>
        <translation>最快看到学习过程：在 CPU 上几分钟就出现人脸；没有可编辑的风格。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/training/presets.py"/>
        <source>PGGAN small, 64×64</source>
        <translation>PGGAN 小型，64×64</translation>
    </message>
    <message>
        <location filename="../../latent_studio/training/presets.py"/>
        <source>Grows from 4×4 while it learns: watch the pictures become finer stage by stage.</source>
        <translation>边学习边从 4×4 逐级增长：可以看到图像一级一级变精细。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/training/presets.py"/>
        <source>StyleGAN small, 64×64</source>
        <translation>StyleGAN 小型，64×64</translation>
    </message>
    <message>
        <location filename="../../latent_studio/training/presets.py"/>
        <source>The first style-based generator, grown progressively, with styles to mix.</source>
        <translation>第一个基于风格的生成器，渐进增长，可混合风格。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/training/presets.py"/>
        <source>StyleGAN2 small, 64×64</source>
        <translation>StyleGAN2 小型，64×64</translation>
    </message>
    <message>
        <location filename="../../latent_studio/training/presets.py"/>
        <source>The style-based model to train on a computer without a graphics card: every slider, good faces within hours.</source>
        <translation>适合在没有显卡的电脑上训练的风格模型：所有滑块可用，数小时得到不错的人脸。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/training/presets.py"/>
        <source>StyleGAN3-T small, 64×64</source>
        <translation>StyleGAN3-T 小型，64×64</translation>
    </message>
    <message>
        <location filename="../../latent_studio/training/presets.py"/>
        <source>Without aliasing: details move with the face instead of sticking to the picture. Slow on a CPU.</source>
        <translation>无混叠：细节随人脸移动，而不是粘在画面上。在 CPU 上较慢。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/training/presets.py"/>
        <source>R3GAN small, 64×64</source>
        <translation>R3GAN 小型，64×64</translation>
    </message>
    <message>
        <location filename="../../latent_studio/training/presets.py"/>
        <source>A plain modern network and an objective that converges: no tricks, many faces.</source>
        <translation>简洁的现代网络，目标函数能够收敛：不用技巧，人脸多样。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/training/presets.py"/>
        <source>StyleGAN2, 64×64</source>
        <translation>StyleGAN2，64×64</translation>
    </message>
    <message>
        <location filename="../../latent_studio/training/presets.py"/>
        <source>Twice as wide, for a graphics card or a night of a fast CPU: better pictures.</source>
        <translation>宽度加倍，适合显卡，或用快速 CPU 训练一夜：图像更好。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/training/presets.py"/>
        <source>StyleGAN2, 128×128</source>
        <translation>StyleGAN2，128×128</translation>
    </message>
    <message>
        <location filename="../../latent_studio/training/presets.py"/>
        <source>Finer pictures; wants a graphics card.</source>
        <translation>图像更精细；需要显卡。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/training/losses.py"/>
        <source>Non-saturating</source>
        <translation>非饱和</translation>
    </message>
    <message>
        <location filename="../../latent_studio/training/losses.py"/>
        <source>Minimax (saturating)</source>
        <translation>极小极大（饱和）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/training/losses.py"/>
        <source>Wasserstein, clipped weights</source>
        <translation>Wasserstein，权重裁剪</translation>
    </message>
    <message>
        <location filename="../../latent_studio/training/losses.py"/>
        <source>Wasserstein, gradient penalty</source>
        <translation>Wasserstein，梯度惩罚</translation>
    </message>
    <message>
        <location filename="../../latent_studio/training/losses.py"/>
        <source>Hinge</source>
        <translation>Hinge（合页损失）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/training/losses.py"/>
        <source>Least squares</source>
        <translation>最小二乘</translation>
    </message>
    <message>
        <location filename="../../latent_studio/training/losses.py"/>
        <source>Relativistic pairing</source>
        <translation>相对配对</translation>
    </message>
    <message>
        <location filename="../../latent_studio/training/checks.py"/>
        <source>The generator makes nearly the same picture again and again.</source>
        <translation>生成器反复生成几乎相同的图像（模式坍塌）。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/training/checks.py"/>
        <source>The discriminator is nearly always right, so that the generator learns little from it.</source>
        <translation>判别器几乎总是正确，生成器从中学不到多少东西。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/training/checks.py"/>
        <source>The generator's gradients have vanished: the discriminator is right whatever it does.</source>
        <translation>生成器的梯度已消失：无论它怎么做，判别器都是对的。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/training/checks.py"/>
        <source>The discriminator can't tell generated pictures from real ones, though they differ.</source>
        <translation>判别器分不清生成图像和真实图像，尽管二者仍有差别。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/training/checks.py"/>
        <source>The training runs away: its numbers grow without bound.</source>
        <translation>训练发散：数值无限增大。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/training/checks.py"/>
        <source>The pictures have stopped getting better, and are still far from real ones.</source>
        <translation>图像不再变好，且仍与真实图像相差甚远。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/training/checks.py"/>
        <source>The clip shapes the discriminator: it can say only simple things, and G learns slowly.</source>
        <translation>判别器由裁剪决定：它只能表达简单的函数，生成器因此学得很慢。</translation>
    </message>
    <message>
        <location filename="../../latent_studio/metrics/registry.py"/>
        <source>lower</source>
        <translation>更低</translation>
    </message>
    <message>
        <location filename="../../latent_studio/metrics/registry.py"/>
        <source>distance of the distributions</source>
        <translation>两个分布之间的距离</translation>
    </message>
    <message>
        <location filename="../../latent_studio/metrics/registry.py"/>
        <source>distance without bias, about 0 at best</source>
        <translation>无偏距离，最好约为 0</translation>
    </message>
    <message>
        <location filename="../../latent_studio/metrics/registry.py"/>
        <source>higher</source>
        <translation>更高</translation>
    </message>
    <message>
        <location filename="../../latent_studio/metrics/registry.py"/>
        <source>made pictures that look real</source>
        <translation>看起来真实的生成图像所占比例</translation>
    </message>
    <message>
        <location filename="../../latent_studio/metrics/registry.py"/>
        <source>real pictures within its reach</source>
        <translation>生成范围所能覆盖的真实图像</translation>
    </message>
    <message>
        <location filename="../../latent_studio/metrics/registry.py"/>
        <source>made pictures where real ones crowd</source>
        <translation>落在真实图像密集处的生成图像</translation>
    </message>
    <message>
        <location filename="../../latent_studio/metrics/registry.py"/>
        <source>real pictures with a made one near</source>
        <translation>附近有生成图像的真实图像</translation>
    </message>
    <message>
        <location filename="../../latent_studio/metrics/registry.py"/>
        <source>clear and varied ImageNet classes</source>
        <translation>清晰且多样的 ImageNet 类别</translation>
    </message>
    <message>
        <location filename="../../latent_studio/metrics/registry.py"/>
        <source>distance of textures</source>
        <translation>纹理的距离</translation>
    </message>
    <message>
        <location filename="../../latent_studio/metrics/registry.py"/>
        <source>like real</source>
        <translation>接近真实</translation>
    </message>
    <message>
        <location filename="../../latent_studio/metrics/registry.py"/>
        <source>alikeness of two; higher is less diverse</source>
        <translation>两幅图像的相似程度；越高多样性越低</translation>
    </message>
    <message>
        <location filename="../../latent_studio/metrics/registry.py"/>
        <source>how much a small step changes</source>
        <translation>走一小步图像变化多少</translation>
    </message>
    <message>
        <location filename="../../latent_studio/metrics/registry.py"/>
        <source>Sliced Wasserstein distance</source>
        <translation>切片 Wasserstein 距离</translation>
    </message>
    <message>
        <location filename="../../latent_studio/metrics/registry.py"/>
        <source>Diversity by SSIM</source>
        <translation>多样性（SSIM）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/metrics/registry.py"/>
        <source>Diversity by MS-SSIM</source>
        <translation>多样性（MS-SSIM）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/metrics/registry.py"/>
        <source>Inception Score</source>
        <translation>Inception Score（IS）</translation>
    </message>
    <message>
        <location filename="../../latent_studio/jobs/bench/train.py"/>
        <source>Timing training steps</source>
        <translation>正在给训练步计时</translation>
    </message>
    <message>
        <location filename="../../latent_studio/jobs/bench/window.py"/>
        <source>Starting the window</source>
        <translation>正在启动窗口</translation>
    </message>
    <message>
        <location filename="../../latent_studio/jobs/compare.py"/>
        <source>Drawing the same latents</source>
        <translation>正在绘制同一批潜变量</translation>
    </message>
    <message>
        <location filename="../../latent_studio/jobs/compare.py"/>
        <source>Drawn</source>
        <translation>已绘制</translation>
    </message>
    <message>
        <location filename="../../latent_studio/jobs/invert.py"/>
        <source>Looking at random pictures</source>
        <translation>正在查看随机图像</translation>
    </message>
    <message>
        <location filename="../../latent_studio/jobs/render.py"/>
        <source>Rendering</source>
        <translation>正在渲染</translation>
    </message>
    <message>
        <location filename="../../latent_studio/jobs/video.py"/>
        <source>Writing the video</source>
        <translation>正在写入视频</translation>
    </message>
    <message>
        <location filename="../../latent_studio/latent/classifier_training.py"/>
        <source>Learning the attributes</source>
        <translation>正在学习属性</translation>
    </message>
    <message>
        <location filename="../../latent_studio/latent/directions/channels.py"/>
        <source>Looking at style channels</source>
        <translation>正在查看风格通道</translation>
    </message>
    <message>
        <location filename="../../latent_studio/latent/directions/hand.py"/>
        <source>Making samples</source>
        <translation>正在生成样本</translation>
    </message>
    <message>
        <location filename="../../latent_studio/metrics/swd.py"/>
        <source>Distance measured</source>
        <translation>距离已测量</translation>
    </message>
    <message>
        <source>Pin this picture as A and compare (hold C: what was before)</source>
        <translation type="vanished">把当前图像固定为 A 进行对比（按住 C：显示之前的图像）</translation>
    </message>
    <message>
        <source>Hold: what was before, or A</source>
        <translation type="vanished">按住：显示之前的图像，或 A</translation>
    </message>
    <message>
        <source>It cannot be read; the message in the window says why.</source>
        <translation type="vanished">无法读取；窗口中的消息说明了原因。</translation>
    </message>
    <message>
        <source>It did not work; the message in the window says why.</source>
        <translation type="vanished">没有成功；原因见窗口中的消息。</translation>
    </message>
    <message>
        <source>Click a point, then where it should go; Alt removes</source>
        <translation type="vanished">先点击一个点，再点击目标位置；按住 Alt 移除</translation>
    </message>
    <message>
        <source>Click a point of the picture.</source>
        <translation type="vanished">点击图像上的一个点。</translation>
    </message>
    <message>
        <source>Rename, turn round, measure … {title}</source>
        <translation type="vanished">重命名、反向、评测… {title}</translation>
    </message>
    <message>
        <source>Directions that this model has by itself: look at what they do, keep the good ones.</source>
        <translation type="vanished">模型自身包含的方向：看看它们的效果，留下好的。</translation>
    </message>
</context>
</TS>
