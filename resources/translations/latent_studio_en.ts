<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>latent_studio</name>
    <message numerus="yes">
        <location filename="../../latent_studio/ui/compared_runs.py"/>
        <source>At most %n other runs can be compared; take one away first.</source>
        <translation>
            <numerusform>At most %n other run can be compared; take one away first.</numerusform>
            <numerusform>At most %n other runs can be compared; take one away first.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <location filename="../../latent_studio/ui/docks/gallery_dock.py"/>
        <source>Average of %n bookmarks</source>
        <translation>
            <numerusform>Average of %n bookmark</numerusform>
            <numerusform>Average of %n bookmarks</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <location filename="../../latent_studio/ui/docks/new_run_form.py"/>
        <source>%n classes:</source>
        <translation>
            <numerusform>%n class:</numerusform>
            <numerusform>%n classes:</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <location filename="../../latent_studio/ui/docks/timeline_dock.py"/>
        <source>%n keyframes</source>
        <translation>
            <numerusform>%n keyframe</numerusform>
            <numerusform>%n keyframes</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <location filename="../../latent_studio/ui/docks/training_dock.py"/>
        <source>%n images</source>
        <translation>
            <numerusform>%n image</numerusform>
            <numerusform>%n images</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <location filename="../../latent_studio/ui/docks/training_dock.py"/>
        <source>%n classes</source>
        <translation>
            <numerusform>%n class</numerusform>
            <numerusform>%n classes</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <location filename="../../latent_studio/ui/docks/training_dock.py"/>
        <source>%n files skipped</source>
        <translation>
            <numerusform>%n file skipped</numerusform>
            <numerusform>%n files skipped</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <location filename="../../latent_studio/ui/export/timeline_page.py"/>
        <location filename="../../latent_studio/ui/export/video_page.py"/>
        <source>%n frames, written one by one.</source>
        <translation>
            <numerusform>%n frame, written one by one.</numerusform>
            <numerusform>%n frames, written one by one.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <location filename="../../latent_studio/ui/gallery_controller.py"/>
        <source>Delete %n bookmarks</source>
        <translation>
            <numerusform>Delete %n bookmark</numerusform>
            <numerusform>Delete %n bookmarks</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <location filename="../../latent_studio/ui/get_models/dialog.py"/>
        <source>%n class(es)</source>
        <translation>
            <numerusform>%n class</numerusform>
            <numerusform>%n classes</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <location filename="../../latent_studio/ui/timeline_state.py"/>
        <source>Add %n keyframes</source>
        <translation>
            <numerusform>Add %n keyframe</numerusform>
            <numerusform>Add %n keyframes</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <location filename="../../latent_studio/ui/widgets/class_picker.py"/>
        <source>Mix of %n classes</source>
        <translation>
            <numerusform>Mix of %n class</numerusform>
            <numerusform>Mix of %n classes</numerusform>
        </translation>
    </message>
</context>
</TS>
